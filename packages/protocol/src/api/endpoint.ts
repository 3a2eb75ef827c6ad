// One row of the endpoint table, and the types that follow from it. spec: wire-protocol 9.1
import type * as z from 'zod';
import type { AuthClass } from '../request/authenticate.ts';

export type HttpMethod = 'GET' | 'POST' | 'PATCH' | 'DELETE';

export interface EndpointDefinition {
  readonly name: string;
  readonly method: HttpMethod;
  /** With `{member}` for each member of `params`. */
  readonly path: `/${string}`;
  /** Which keys may sign. `none`: the headers of a signature are ignored. spec: wire-protocol 5.7 */
  readonly auth: 'none' | AuthClass;
  /** Section of the wire protocol specification. */
  readonly spec: string;
  /** Status of a success; clients take any 2xx. */
  readonly status: 200 | 201 | 204;
  readonly maxBodyBytes: number;
  readonly params?: z.ZodType;
  /** From query text to values, and back. */
  readonly query?: z.ZodType;
  /** Absent: a body is not read. */
  readonly body?: z.ZodType | 'bytes';
  readonly answer: z.ZodType | 'bytes';
}

/** What the parser of a request or answer returns. */
export type ParamsOf<Row extends EndpointDefinition> = Parsed<MemberOf<Row, 'params'>>;
export type QueryOf<Row extends EndpointDefinition> = Parsed<MemberOf<Row, 'query'>>;
export type BodyOf<Row extends EndpointDefinition> = Parsed<MemberOf<Row, 'body'>>;
export type AnswerOf<Row extends EndpointDefinition> = Parsed<MemberOf<Row, 'answer'>>;

/** What the writer of a request body or answer builds: the wire form. */
export type BodyInputOf<Row extends EndpointDefinition> = Written<MemberOf<Row, 'body'>>;
export type AnswerInputOf<Row extends EndpointDefinition> = Written<MemberOf<Row, 'answer'>>;

type MemberOf<Row, Name extends string> = Name extends keyof Row ? Row[Name] : undefined;
type Parsed<Schema> = Schema extends z.ZodType ? z.output<Schema> : Schema extends 'bytes' ? Uint8Array : undefined;
type Written<Schema> = Schema extends z.ZodType ? z.input<Schema> : Schema extends 'bytes' ? Uint8Array : undefined;

// One endpoint of the table in @puffo/protocol, with the function that serves it. Handlers know nothing of HTTP.
import type { Readable } from 'node:stream';
import type { AnswerInputOf, BodyOf, EndpointName, EndpointNamed, ParamsOf, QueryOf } from '@puffo/protocol';
import type { Caller } from '../auth/caller.ts';
import type { ServerContext } from '../context.ts';

export interface Call<Name extends EndpointName> {
  readonly context: ServerContext;
  readonly params: ParamsOf<EndpointNamed<Name>>;
  readonly query: QueryOf<EndpointNamed<Name>>;
  readonly body: BodyOf<EndpointNamed<Name>>;
  /** Proven by signature; absent only where the endpoint's class is `none`. */
  readonly caller: EndpointNamed<Name>['auth'] extends 'none' ? undefined : Caller;
  /** Where the request came from, for limits. */
  readonly address: string;
}

/** The answer, or JSON text that is streamed because it may be larger than memory should hold. */
export type Answer<Name extends EndpointName> = AnswerInputOf<EndpointNamed<Name>> | JsonStream;

export class JsonStream {
  readonly stream: Readable;

  constructor(stream: Readable) {
    this.stream = stream;
  }
}

export type Handler<Name extends EndpointName> = (call: Call<Name>) => Promise<Answer<Name>>;

export interface Route {
  readonly name: EndpointName;
  readonly handle: (call: never) => Promise<unknown>;
}

/** Success is answered with the status that the endpoint's row names; a failure is a `ServerError` that is thrown. */
export function defineRoute<const Name extends EndpointName>(name: Name, handle: Handler<Name>): Route {
  return { name, handle: handle as Route['handle'] };
}

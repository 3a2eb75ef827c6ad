import { readFileSync } from 'node:fs';
import { describe, expect, expectTypeOf, it } from 'vitest';
import * as z from 'zod';
import type { Slug } from '../ids.ts';
import { LIMITS } from '../limits.ts';
import type {
  AnswerInputOf,
  AnswerOf,
  BodyInputOf,
  BodyOf,
  EndpointDefinition,
  ParamsOf,
  QueryOf,
} from './endpoint.ts';
import { type Endpoint, type EndpointName, type EndpointNamed, ENDPOINTS, getEndpoint } from './endpoints.ts';
import { parseAnswer, parseBody, parseParams } from './parse-api.ts';

const ROWS: readonly EndpointDefinition[] = ENDPOINTS;
const SPECIFICATION = read('docs/spec/wire-protocol.md');
const FLOWS: Flows = JSON.parse(read('vectors/flows.json'));

interface Flows {
  readonly vectors: readonly { readonly name: string; readonly steps: readonly Step[] }[];
}
interface Step {
  readonly request: { readonly method: string; readonly path: string; readonly body_utf8: string };
  readonly response: { readonly status: number; readonly body: unknown };
}

const STEPS = FLOWS.vectors.flatMap(({ name, steps }) =>
  steps.map((step, index) => ({ ...step, title: `${name} ${index + 1}: ${step.request.method} ${step.request.path}` })),
);

function read(path: string): string {
  return readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8');
}

/** The row of a request line, and the members of its path. */
function match(method: string, path: string): { endpoint: EndpointDefinition; params: Record<string, string> } {
  for (const endpoint of ROWS) {
    const pattern = endpoint.path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)');
    const found = endpoint.method === method ? new RegExp(`^${pattern}$`).exec(path) : null;
    if (found !== null) return { endpoint, params: { ...found.groups } };
  }
  throw new Error(`No endpoint for ${method} ${path}`);
}

describe('the endpoint table', () => {
  it('names every endpoint once and gives every route one row', () => {
    expect(new Set(ROWS.map(({ name }) => name)).size).toBe(ROWS.length);
    expect(new Set(ROWS.map(({ method, path }) => `${method} ${path}`)).size).toBe(ROWS.length);
  });

  it('has exactly the routes and key classes of the table in 9.1', () => {
    const ours = ROWS.filter(({ spec }) => spec.startsWith('9.')).map(
      ({ spec, method, path, auth }) => `${spec} ${method} ${path.replaceAll(/\{\w+\}/g, '{}')} ${auth}`,
    );
    expect(ours.toSorted()).toEqual(routesOfSpecification().toSorted());
  });

  it.each(ROWS.map((row) => [row.name, row] as const))('describes the path members of %s', (_name, row) => {
    const members = Array.from(row.path.matchAll(/\{(\w+)\}/g), ([, name]) => name);
    expect(row.params instanceof z.ZodObject ? Object.keys(row.params.shape) : []).toEqual(members);
  });

  it.each(ROWS.map((row) => [row.name, row] as const))('gives %s a body limit where it has a body', (_name, row) => {
    const allowed: readonly number[] = row.method === 'GET' ? [0] : Object.values(LIMITS);
    expect(allowed).toContain(row.maxBodyBytes);
    expect(row.body === undefined || row.maxBodyBytes > 0).toBe(true);
  });

  it('finds a row by its name', () => {
    expect(getEndpoint('signUp').path).toBe('/signup');
    expect(() => getEndpoint('constructor' as EndpointName)).toThrow(TypeError);
  });

  it('infers literal names and the types of each edge', () => {
    expectTypeOf<'signUp' | 'sendFresh' | 'getBlob'>().toExtend<Endpoint['name']>();
    expectTypeOf<string>().not.toExtend<EndpointName>();
    expectTypeOf<ParamsOf<EndpointNamed<'getAgentStatus'>>>().toEqualTypeOf<{ slug: Slug }>();
    expectTypeOf<BodyOf<EndpointNamed<'uploadBlob'>>>().toEqualTypeOf<Uint8Array>();
    expectTypeOf<AnswerOf<EndpointNamed<'getBlob'>>>().toEqualTypeOf<Uint8Array>();
    expectTypeOf<BodyOf<EndpointNamed<'listSpaces'>>>().toEqualTypeOf<undefined>();
    expectTypeOf<QueryOf<EndpointNamed<'syncCerts'>>['since']>().toEqualTypeOf<number | undefined>();
    expectTypeOf<BodyInputOf<EndpointNamed<'endRun'>>['succeeded']>().toEqualTypeOf<boolean>();
    type Profiles = AnswerOf<EndpointNamed<'listProfiles'>>['profiles'];
    expectTypeOf<Profiles['items'][number]['bio']>().toEqualTypeOf<string | undefined>();
    type WrittenProfiles = AnswerInputOf<EndpointNamed<'listProfiles'>>['profiles'];
    expectTypeOf<WrittenProfiles[number]['bio']>().toEqualTypeOf<string | null | undefined>();
  });
});

describe('the recorded flows', () => {
  it.each(STEPS.map((step) => [step.title, step] as const))('reads the request of %s', (_title, { request }) => {
    const { endpoint, params } = match(request.method, request.path);
    expect(parseParams(endpoint, params) ?? {}).toEqual(params);
    const body: unknown = JSON.parse(request.body_utf8);
    const isVerbatim = !(endpoint.body instanceof z.ZodObject);
    expect(parseBody(endpoint, body)).toEqual(isVerbatim ? body : withoutNull(body));
  });

  it.each(STEPS.map((step) => [step.title, step] as const))('reads the answer of %s', (_title, step) => {
    const { endpoint } = match(step.request.method, step.request.path);
    expect(parseAnswer(endpoint, step.response.body)).toEqual(step.response.body);
    expect(step.response.status).toBe(endpoint.status);
  });

  it.each(STEPS.map((step) => [step.title, step] as const))('misses each member of %s by name', (_title, step) => {
    const { endpoint } = match(step.request.method, step.request.path);
    const body = JSON.parse(step.request.body_utf8) as Record<string, unknown>;
    const required = endpoint.body instanceof z.ZodObject ? Object.keys(endpoint.body.shape) : [];
    for (const member of required.filter((name) => body[name] !== undefined && body[name] !== null)) {
      const { [member]: _gone, ...rest } = body;
      const message = `Cannot read ${endpoint.method} ${endpoint.path}: member '${member}' is missing`;
      expect(() => parseBody(endpoint, rest)).toThrow(
        expect.objectContaining({ code: 'schema_mismatch', field: member }),
      );
      expect(() => parseBody(endpoint, rest)).toThrow(message);
    }
  });
});

/** Absent and null are the same where the specification says so; the parser keeps neither. */
function withoutNull(body: unknown): unknown {
  return Object.fromEntries(Object.entries(body as object).filter(([, value]) => value !== null));
}

/** The rows of 9.1, one line per method and path: `9.14 GET /spaces/{} subkey`. */
function routesOfSpecification(): string[] {
  const routes: string[] = [];
  for (const [, section, cell, auth] of SPECIFICATION.matchAll(/^\| (9\.\d+) \| (.+?) \| (.+?) \|/gm)) {
    const names = (auth ?? '').replaceAll(/ *\([^)]*\)/g, '').split(' / ');
    expandRoutes(cell ?? '').forEach((route, index) => {
      routes.push(`${section} ${route} ${names[index] ?? names[0]}`);
    });
  }
  return routes;
}

/** Undoes the abbreviations of the table: `…`, `/end` after `/start`, `PATCH`/`DELETE`, optional parts, missing paths. */
function expandRoutes(cell: string): string[] {
  if (cell === 'processing listing') return ['GET /messages/{}/processing'];
  const text = cell.replaceAll('`', '').replaceAll(/\{\w+\}/g, '{}');
  const routes: string[] = [];
  let folder = '';
  let methods = ['GET'];
  for (const part of text.split(', ')) {
    const [written = '', method] = part.split(' ').toReversed();
    if (method !== undefined) methods = method.split('/');
    const isWhole = method !== undefined && !written.startsWith('…');
    const path = isWhole ? written : folder + written.replace('…', '');
    if (isWhole) folder = path.slice(0, path.lastIndexOf('/'));
    for (const name of methods) routes.push(...expandOptional(path).map((whole) => `${name} ${whole}`));
  }
  return routes;
}

function expandOptional(path: string): string[] {
  const [, start = '', part = ''] = /^(.+)\[(.+)\]$/.exec(path) ?? [];
  return start === '' ? [path] : [start, start + part];
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProtocolError } from '../errors.ts';
import type { EndpointDefinition } from './endpoint.ts';
import { ENDPOINTS, getEndpoint } from './endpoints.ts';
import { parseAnswer, parseBody, parseParams, parseQuery } from './parse-api.ts';

const ROWS: readonly EndpointDefinition[] = ENDPOINTS;
const EDGES = [parseParams, parseQuery, parseBody, parseAnswer];

describe('parseBody', () => {
  it('reads an empty body as an empty object', () => {
    expect(parseBody(getEndpoint('updateMemberSettings'), undefined)).toEqual({});
    expect(() => parseBody(getEndpoint('startRun'), undefined)).toThrow(/member 'run_id' is missing/);
  });

  it('does not read null as an empty body', () => {
    expect(() => parseBody(getEndpoint('updateMemberSettings'), null)).toThrow(/it is null, expected an object$/);
  });

  it('does not read the body of an endpoint that has none', () => {
    expect(parseBody(getEndpoint('archiveSpace'), ['whatever'])).toBeUndefined();
  });

  it('reads an object without a prototype, as frameworks make them', () => {
    const params: unknown = Object.assign(Object.create(null), { slug: 'helper-9a7c' });
    expect(parseParams(getEndpoint('getAgentStatus'), params)).toEqual({ slug: 'helper-9a7c' });
  });
});

describe.each(ROWS.map((row) => [row.name, row] as const))('every edge of %s', (_name, row) => {
  it('returns or throws a ProtocolError for any JSON', () => {
    const value = fc.oneof(fc.jsonValue({ maxDepth: 3 }), mutatedObject(row));
    fc.assert(
      fc.property(value, (input) => {
        expect(EDGES.every((parse) => isReadOrRefused(() => parse(row, input)))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

/** Objects with the member names of the endpoint's schemas, so that values are reached. */
function mutatedObject(row: EndpointDefinition): fc.Arbitrary<unknown> {
  const names = new Set(['slug', 'entries', 'state', 'ok', 'has_more']);
  for (const schema of [row.params, row.query, row.body, row.answer]) {
    if (typeof schema !== 'object' || !('shape' in schema)) continue;
    for (const name of Object.keys(schema.shape as object)) names.add(name);
  }
  const member = fc.constantFrom(...names);
  const value = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom('sent', 'held', 'alice-3d3d', 1, true, [], {}));
  return fc.dictionary(member, value);
}

function isReadOrRefused(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof ProtocolError) return error.message.length < 400;
    throw error;
  }
}

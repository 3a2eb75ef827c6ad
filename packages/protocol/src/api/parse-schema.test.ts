import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { ProtocolError } from '../errors.ts';
import { base64urlField, jsonObjectField, listField, opaqueField, slugField, spaceIdField } from './fields.ts';
import { parseSchema } from './parse-schema.ts';

const schema = z.object({
  slug: slugField,
  space_id: spaceIdField.optional(),
  token: opaqueField.optional(),
  flag: z.boolean().optional(),
  mode: z.enum(['one', 'two']).optional(),
  cert: jsonObjectField.optional(),
  list: listField(z.strictObject({ slug: slugField }), 2).optional(),
});

const slug = 'alice-3d3d';
const longText = 'x'.repeat(70_000);

function failureOf(value: unknown): ProtocolError {
  try {
    parseSchema(schema, value, 'thing');
  } catch (error) {
    if (error instanceof ProtocolError) return error;
    throw error;
  }
  throw new Error('Expected a ProtocolError, but the value was accepted');
}

describe('parseSchema', () => {
  it('returns the value without members that the schema does not know', () => {
    expect(parseSchema(schema, { slug, later: 1 }, 'thing')).toEqual({ slug });
  });

  it('keeps a signed object as the very object that came in', () => {
    const cert = { type: 'later_cert', nested: { signature: 'x' } };
    expect(parseSchema(schema, { slug, cert }, 'thing').cert).toBe(cert);
  });

  it.each([
    ['a missing member', {}, 'slug', "member 'slug' is missing, expected a slug"],
    ['an id of the wrong form', { slug: 'Alice' }, 'slug', "member 'slug' is 'Alice', expected a slug"],
    ['a number for text', { slug: 12 }, 'slug', "member 'slug' is 12, expected a slug"],
    ['null for an optional member', { slug, flag: null }, 'flag', "member 'flag' is null, expected true or false"],
    ['an array for an object', { slug, cert: [] }, 'cert', "member 'cert' is an array, expected an object"],
    ['a value off the list', { slug, mode: 'three' }, 'mode', "member 'mode' is 'three', expected 'one' or 'two'"],
    ['an empty secret', { slug, token: '' }, 'token', "member 'token' is a string of 0 characters, expected a string"],
    ['a wrong item', { slug, list: [{ slug }, {}] }, 'list[1].slug', "member 'list[1].slug' is missing"],
    ['an unknown member where none may be', { slug, list: [{ slug, x: 1 }] }, 'list[0].x', "'list[0].x' is unknown"],
    ['too many items', { slug, list: [{}, {}, {}] }, 'list', "member 'list' is an array, expected at most 2 items"],
  ])('names %s', (...[, value, field, text]) => {
    const error = failureOf(value);
    expect(error.code).toBe('schema_mismatch');
    expect(error.field).toBe(field);
    expect(error.fields['field']).toBe(field);
    expect(error.message).toContain(`Cannot read thing: `);
    expect(error.message).toContain(text);
  });

  it.each([
    ['null', null, 'it is null'],
    ['an array', [], 'it is an array'],
    ['a string', 'x', 'it is a string of 1 characters'],
    ['nothing', undefined, 'it is missing'],
  ])('says that the whole input is %s', (_name, value, text) => {
    const error = failureOf(value);
    expect(error.field).toBeUndefined();
    expect(error.message).toBe(`Cannot read thing: ${text}, expected an object`);
  });

  it('names the first wrong member when several are wrong', () => {
    expect(failureOf({ slug: 1, space_id: 2, flag: 3 }).field).toBe('slug');
  });

  it.each([
    ['a slug of 70 KB', { slug: longText }],
    ['a secret of 70 KB', { slug, token: longText }],
    ['an unknown member with a name of 70 KB', { slug, list: [{ slug, [longText]: 1 }] }],
    ['an unknown member with control characters in its name', { slug, list: [{ slug, 'a\nb': 1 }] }],
  ])('does not repeat %s', (_name, value) => {
    const error = failureOf(value);
    expect(error.message.length).toBeLessThan(200);
    expect(error.message).toMatch(/^[\x20-\x7e]*$/);
    expect(JSON.stringify(error.fields).length).toBeLessThan(200);
  });

  it('does not quote a value that may be secret, however short', () => {
    const secrets = z.object({ key: base64urlField(32), other: z.union([slugField, opaqueField]).optional() });
    function read(value: unknown): unknown {
      return parseSchema(secrets, value, 'thing');
    }
    expect(() => read({ key: 's3cret' })).toThrow(/^Cannot read thing: member 'key' is a string of 6 characters, /);
    expect(() => read({ key: 'A'.repeat(43), other: 'S3CRET'.repeat(60) })).toThrow(/'other' is a string of 360 char/);
  });

  it('reports one error for a list with far too many wrong items', () => {
    const error = failureOf({ slug, list: Array.from({ length: 200_000 }, () => 1) });
    expect(error.field).toBe('list');
  });

  it('does not look into objects of unknown shape, however deep', () => {
    let deep: unknown = 1;
    for (let depth = 0; depth < 100_000; depth++) deep = { deep };
    expect(() => parseSchema(schema, { slug, cert: { deep }, unknown: deep }, 'thing')).not.toThrow();
    expect(failureOf({ slug: deep }).message).toContain("member 'slug' is an object");
  });

  it('treats __proto__ as a member like any other', () => {
    const polluted: unknown = JSON.parse(`{"__proto__": {"slug": "${slug}"}}`);
    expect(failureOf(polluted).field).toBe('slug');
    const strict: unknown = JSON.parse(`{"slug": "${slug}", "list": [{"slug": "${slug}", "__proto__": 1}]}`);
    expect(failureOf(strict).field).toBe('list[0].__proto__');
  });

  it('returns or throws a ProtocolError for any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        expect(isReadOrRefused(value)).toBe(true);
      }),
    );
  });
});

function isReadOrRefused(value: unknown): boolean {
  try {
    parseSchema(schema, value, 'thing');
    return true;
  } catch (error) {
    return error instanceof ProtocolError;
  }
}

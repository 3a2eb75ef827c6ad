import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type * as z from 'zod';
import { LIMITS } from '../limits.ts';
import {
  base64urlField,
  blobIdField,
  channelIdField,
  countField,
  deviceIdField,
  envelopeIdField,
  errorTextField,
  eventIdField,
  jsonObjectField,
  nameField,
  opaqueField,
  runIdField,
  seqField,
  sessionIdField,
  signatureField,
  slugField,
  spaceIdField,
  subkeyIdField,
  textField,
  timeField,
  usernameField,
} from './fields.ts';

const UUID = '9ae7a91d-7284-4514-af2d-3b35ec73c3db';
const HASH = 'Ur9qgM1pUvaBXcI20660DGhe1BBrBXIMkqm8cq_cnno';
const LONG = 'a'.repeat(70_000);

interface FieldCase {
  readonly name: string;
  readonly field: z.ZodType;
  readonly accepts: readonly unknown[];
  readonly refuses: readonly unknown[];
}

const CASES: readonly FieldCase[] = [
  {
    name: 'slug',
    field: slugField,
    accepts: ['alice-3d3d', 'a', 'a'.repeat(63)],
    refuses: ['', 'Alice-3d3d', '-a', 'a'.repeat(64), LONG, 'a_b', 'a\n'],
  },
  {
    name: 'device id',
    field: deviceIdField,
    accepts: [`dev_${HASH}`],
    refuses: [`dev_${UUID}`, HASH, `sk_${HASH}`, `dev_${HASH}A`],
  },
  { name: 'subkey id', field: subkeyIdField, accepts: [`sk_${HASH}`], refuses: [`dev_${HASH}`, `sk_${HASH}=`] },
  {
    name: 'envelope id',
    field: envelopeIdField,
    accepts: [`msg_${UUID}`],
    refuses: [`env_${UUID}`, `msg_${UUID.toUpperCase()}`],
  },
  { name: 'event id', field: eventIdField, accepts: [`ev_${UUID}`], refuses: [`evt_${UUID}`, UUID] },
  { name: 'space id', field: spaceIdField, accepts: [`sp_${UUID}`], refuses: ['sp_1', `ch_${UUID}`] },
  { name: 'channel id', field: channelIdField, accepts: [`ch_${UUID}`], refuses: ['ch_1', `sp_${UUID}`] },
  { name: 'run id', field: runIdField, accepts: [`run_${'0'.repeat(32)}`], refuses: [`run_${UUID}`, 'run_'] },
  { name: 'session id', field: sessionIdField, accepts: ['s', 'A-z_9'], refuses: ['', 'a b', 'x'.repeat(129)] },
  { name: 'blob id', field: blobIdField, accepts: [`blob_${UUID}`, 'x'], refuses: ['', '..', 'a/b', 'a\\b', '.', 'é'] },
  { name: 'time', field: timeField, accepts: [0, 2 ** 53 - 1], refuses: [-1, 1.5, 2 ** 53, '1', NaN, Infinity, null] },
  { name: 'seq', field: seqField, accepts: [1, 2 ** 53 - 1], refuses: [0, -1, 1.5, '1', true] },
  { name: 'count', field: countField, accepts: [0, 7], refuses: [-1, 0.5, '0', null] },
  {
    name: 'signature',
    field: signatureField,
    accepts: ['A'.repeat(86)],
    refuses: [
      'A'.repeat(85),
      'A'.repeat(87),
      `${'A'.repeat(84)}==`,
      `${'A'.repeat(85)}B`,
      `${'A'.repeat(85)}+`,
      LONG,
      1,
    ],
  },
  {
    name: '16 bytes',
    field: base64urlField(16),
    accepts: ['A'.repeat(22)],
    refuses: ['A'.repeat(21), 'A'.repeat(23), `${'A'.repeat(21)}B`],
  },
  {
    name: 'opaque text',
    field: opaqueField,
    accepts: ['x', 'x'.repeat(LIMITS.opaqueIdCharacters)],
    refuses: ['', 'x'.repeat(LIMITS.opaqueIdCharacters + 1), LONG, 1],
  },
  {
    name: 'name',
    field: nameField,
    accepts: ['x', 'x'.repeat(LIMITS.nameCharacters), '🙂'.repeat(LIMITS.nameCharacters)],
    refuses: ['', 'x'.repeat(LIMITS.nameCharacters + 1), '🙂'.repeat(LIMITS.nameCharacters + 1), LONG, null],
  },
  { name: 'text that may be empty', field: textField(3), accepts: ['', 'abc', 'é🙂x'], refuses: ['abcd', LONG, 0] },
  { name: 'object', field: jsonObjectField, accepts: [{}, { a: 1 }], refuses: [[], null, 'x', 1] },
  {
    name: 'user name',
    field: usernameField,
    accepts: ['alice', 'Alice-3d3d', 'a'.repeat(58)],
    refuses: ['', '-a', 'a'.repeat(59), 'a b', '\u212Aelvin', 'é', LONG],
  },
];

describe.each(CASES)('the field for a $name', ({ field, accepts, refuses }) => {
  it.each(accepts.map((value) => [value]))('accepts %j', (value) => {
    expect(field.safeParse(value).success).toBe(true);
  });

  it.each(refuses.map((value) => [value]))('refuses %j', (value) => {
    expect(field.safeParse(value).success).toBe(false);
  });
});

describe('usernameField', () => {
  it('reads a name as lowercase', () => {
    expect(usernameField.parse('Alice')).toBe('alice');
  });
});

describe('errorTextField', () => {
  it('cuts a long text at the limit, between characters', () => {
    expect(errorTextField.parse('x'.repeat(5000))).toBe('x'.repeat(LIMITS.errorTextCharacters));
    expect(errorTextField.parse('🙂'.repeat(5000))).toBe('🙂'.repeat(LIMITS.errorTextCharacters));
  });

  it('never makes a text that is longer or not well formed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1000, maxLength: 1100 }), (text) => {
        const cut = errorTextField.parse(text);
        expect(text.startsWith(cut)).toBe(true);
        expect(Array.from(cut).length).toBe(Math.min(Array.from(text).length, LIMITS.errorTextCharacters));
      }),
      { numRuns: 20 },
    );
  });

  it('refuses what is no text', () => {
    expect(errorTextField.safeParse(1).success).toBe(false);
  });
});

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { ProtocolError } from '../errors.ts';
import type { EnvelopeId } from '../ids.ts';
import { decodeClientFrame, decodeServerFrame, type ServerFrame } from './frames.ts';

const space_id = 'sp_9ae7a91d-7284-4514-af2d-3b35ec73c3db';
const channel_id = 'ch_9b5aabe9-1ce4-497e-930f-bac3583e371e';
const envelope_id = 'msg_9066f631-ba1e-41a6-bb5e-d863339cd0bc';
const envelope = { type: 'message_envelope', later: { a: 1 } };
const event = { type: 'signed_event', kind: 'invite_to_space' };
const entry = { seq: 4, kind: 'device_cert', slug: 'alice-3d3d', cert: { type: 'device_cert' } };

interface ConnectVectors {
  readonly vectors: readonly { readonly name: string; readonly frame: Record<string, unknown> }[];
}
const CONNECT: ConnectVectors = JSON.parse(
  readFileSync(new URL('../../../../vectors/ws-connect.json', import.meta.url), 'utf8'),
);
const connect = CONNECT.vectors[0]!.frame;

function refusal(field: string | undefined): unknown {
  return expect.objectContaining({ field });
}

describe('decodeServerFrame', () => {
  it.each([
    [{ type: 'connected', session_id: 's-1' }],
    [{ type: 'message', seq: 1, envelope }],
    [{ type: 'message', envelope }],
    [{ type: 'event', scope: space_id, event }],
    [{ type: 'event', scope: 'later-scope', event }],
    [{ type: 'cert_update', entry }],
    [{ type: 'cert_update', entry: { ...entry, kind: 'later_cert' } }],
    [{ type: 'ping' }],
    [{ type: 'error', error: 'LATER_CODE', message: 'text' }],
    [{ type: 'error', error: 'UNAUTHORIZED' }],
    [{ type: 'space_membership_changed', space_id }],
    [{ type: 'space_update', space_id, name: 'Team', description: '' }],
    [{ type: 'channel_update', space_id, channel_id, name: 'General' }],
    [{ type: 'channel_update', channel_id }],
    [{ type: 'space_delete', space_id }],
    [{ type: 'channel_delete', space_id, channel_id }],
  ])('reads %j', (frame) => {
    expect(decodeServerFrame(frame)).toEqual(frame);
  });

  it('hands on envelopes and events as they came', () => {
    expect(decodeServerFrame({ type: 'message', envelope })).toHaveProperty('envelope', envelope);
    const frame = decodeServerFrame({ type: 'event', scope: space_id, event });
    expect(frame.type === 'event' && frame.event === event).toBe(true);
  });

  it('passes over members that it does not know', () => {
    expect(decodeServerFrame({ type: 'ping', at: 1 })).toEqual({ type: 'ping' });
  });

  it.each([['capabilities'], ['pong'], ['ack'], ['constructor'], ['__proto__'], ['']])(
    'reports the type %j as unknown',
    (type) => {
      expect(decodeServerFrame({ type, seq: 'x' })).toEqual({ type: 'unknown', frameType: type });
    },
  );

  it('keeps a short piece of a long unknown type', () => {
    expect(decodeServerFrame({ type: 'x'.repeat(70_000) })).toEqual({ type: 'unknown', frameType: 'x'.repeat(64) });
  });

  it.each([
    ['session_id', { type: 'connected', session_id: 'a b' }],
    ['session_id', { type: 'connected' }],
    ['envelope', { type: 'message', seq: 1 }],
    ['envelope', { type: 'message', seq: 1, envelope: 'sealed' }],
    ['seq', { type: 'message', seq: 0, envelope }],
    ['seq', { type: 'message', seq: '1', envelope }],
    ['scope', { type: 'event', event }],
    ['scope', { type: 'event', scope: 'x'.repeat(70_000), event }],
    ['event', { type: 'event', scope: space_id, event: [] }],
    ['entry', { type: 'cert_update' }],
    ['entry.cert', { type: 'cert_update', entry: { seq: 1, kind: 'device_cert' } }],
    ['error', { type: 'error' }],
    ['space_id', { type: 'space_membership_changed', space_id: 'sp_1' }],
    ['channel_id', { type: 'channel_delete', space_id }],
  ])('names the wrong member %s', (field, frame) => {
    expect(() => decodeServerFrame(frame)).toThrow(refusal(field));
    expect(() => decodeServerFrame(frame)).toThrow(
      new RegExp(`^Cannot read frame ${frame.type}: member '${field}' is `),
    );
  });

  it.each([
    [undefined, null],
    [undefined, 'ping'],
    [undefined, [{ type: 'ping' }]],
    ['type', {}],
    ['type', { type: 1 }],
    ['type', { type: null }],
  ])('refuses what is no frame (field %s): %j', (field, frame) => {
    expect(() => decodeServerFrame(frame)).toThrow(refusal(field));
  });

  it('is a union that a switch can tell apart', () => {
    expectTypeOf<Extract<ServerFrame, { type: 'connected' }>>().toHaveProperty('session_id');
    expectTypeOf<Extract<ServerFrame, { type: 'unknown' }>>().toEqualTypeOf<{
      readonly type: 'unknown';
      readonly frameType: string;
    }>();
  });
});

describe('decodeClientFrame', () => {
  it.each(CONNECT.vectors.map(({ name, frame }) => [name, frame] as const))(
    'reads the connect frame of %s',
    (_n, frame) => {
      expect(decodeClientFrame(frame)).toEqual(frame);
    },
  );

  it.each(
    Object.keys(connect)
      .filter((name) => name !== 'type')
      .map((name) => [name]),
  )('names a wrong %s of a connect frame', (field) => {
    for (const wrong of [undefined, null, {}, '', 'x'.repeat(70_000)]) {
      expect(() => decodeClientFrame({ ...connect, [field]: wrong })).toThrow(refusal(field));
    }
  });

  it('refuses a timestamp that is text', () => {
    expect(() => decodeClientFrame({ ...connect, timestamp: '1778400000000' })).toThrow(refusal('timestamp'));
  });

  it('reads an acknowledgement of a large catch-up', () => {
    const ids = Array.from({ length: 40_000 }, () => envelope_id as EnvelopeId);
    expect(decodeClientFrame({ type: 'ack', envelope_ids: [...ids, 'env_1'] })).toEqual({
      type: 'ack',
      envelope_ids: ids,
    });
  });

  it.each([[undefined], [null], [envelope_id], [[envelope_id, null]]])('refuses to acknowledge %j', (envelope_ids) => {
    expect(() => decodeClientFrame({ type: 'ack', envelope_ids })).toThrow(refusal('envelope_ids'));
  });

  it('reads a pong, and reports what only servers send as unknown', () => {
    expect(decodeClientFrame({ type: 'pong' })).toEqual({ type: 'pong' });
    expect(decodeClientFrame({ type: 'connected', session_id: 's' })).toEqual({
      type: 'unknown',
      frameType: 'connected',
    });
  });
});

describe.each([
  ['decodeServerFrame', decodeServerFrame],
  ['decodeClientFrame', decodeClientFrame],
])('%s', (_name, decode) => {
  it('returns or throws a ProtocolError for any JSON', () => {
    const type = fc.constantFrom('connected', 'message', 'event', 'cert_update', 'error', 'ack', 'connect', 'later');
    const members = fc.dictionary(
      fc.constantFrom('seq', 'envelope', 'scope', 'event', 'entry', 'envelope_ids', 'slug', '__proto__'),
      fc.jsonValue({ maxDepth: 3 }),
    );
    const frame = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.tuple(type, members).map(([name, rest]) => ({ ...rest, type: name })),
    );
    fc.assert(
      fc.property(frame, (value) => {
        expect(isReadOrRefused(() => decode(value))).toBe(true);
      }),
    );
  });
});

function isReadOrRefused(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    return error instanceof ProtocolError;
  }
}

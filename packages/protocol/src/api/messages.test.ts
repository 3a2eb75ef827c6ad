import { describe, expect, it } from 'vitest';
import { getEndpoint } from './endpoints.ts';
import { parseAnswer, parseBody, parseQuery } from './parse-api.ts';
import { decodePlaintextEnvelope } from './plaintext-messages.ts';

const envelope_id = 'msg_9066f631-ba1e-41a6-bb5e-d863339cd0bc';
const envelope = { type: 'message_envelope', version: 1, envelope_id };

describe('the body of POST /messages', () => {
  it('is the envelope itself, not looked into', () => {
    expect(parseBody(getEndpoint('sendMessage'), envelope)).toBe(envelope);
  });

  it.each([[null], [[envelope]], ['x']])('is not %j', (body) => {
    expect(() => parseBody(getEndpoint('sendMessage'), body)).toThrow(/^Cannot read POST \/messages: it is /);
  });
});

describe('the answer of POST /messages', () => {
  it.each([
    ['of an 0.7.2-era server', { ok: true, envelope_id, devices_queued: 4 }],
    ['of a newer server', { ok: true, envelope_id, seq: 9, missing_devices: ['dev_1'], replay: true }],
    ['without a body', undefined],
  ])('is read %s', (_name, answer) => {
    expect(parseAnswer(getEndpoint('sendMessage'), answer)).toEqual(answer ?? {});
  });
});

describe('the answer of GET /messages/pending', () => {
  it('reads items, items without a position and bare envelopes', () => {
    const messages = [{ seq: 3, envelope }, { envelope }, envelope];
    expect(parseAnswer(getEndpoint('listPending'), { messages }).messages.items).toEqual([
      { seq: 3, envelope },
      { seq: undefined, envelope },
      { seq: undefined, envelope },
    ]);
  });

  it('hands on the envelope as it came', () => {
    const { messages } = parseAnswer(getEndpoint('listPending'), { messages: [{ seq: 3, envelope }] });
    expect(messages.items[0]?.envelope).toBe(envelope);
  });

  it('does not lose the other items to a broken one', () => {
    const { messages } = parseAnswer(getEndpoint('listPending'), { messages: [null, { seq: 0, envelope }, 7] });
    expect(messages).toEqual({ items: [{ seq: undefined, envelope }], unreadable: 2 });
  });

  it('reads a plaintext envelope like any other', () => {
    const plain = { type: 'plaintext_message_envelope', version: 1, envelope_id, signed_payload: {} };
    const { messages } = parseAnswer(getEndpoint('listPending'), { messages: [{ seq: 1, envelope: plain }] });
    expect(messages.items).toEqual([{ seq: 1, envelope: plain }]);
  });

  it('can be filtered by kind and sender', () => {
    const query = { kind: 'dm', sender: 'alice-3d3d' };
    expect(parseQuery(getEndpoint('listPending'), query)).toEqual(query);
    expect(() => parseQuery(getEndpoint('listPending'), { kind: 'post' })).toThrow(
      /'kind' is 'post', expected 'channel'/,
    );
  });
});

describe('the body of POST /messages/ack', () => {
  const acknowledge = getEndpoint('acknowledgeMessages');

  it('is read without ids that no envelope can have', () => {
    const envelope_ids = [envelope_id, 'env_1', 'x'.repeat(70_000), ''];
    expect(parseBody(acknowledge, { envelope_ids })).toEqual({ envelope_ids: [envelope_id] });
  });

  it.each([[undefined], [{}], [{ envelope_ids: envelope_id }], [{ envelope_ids: [envelope_id, 1] }]])(
    'is not %j',
    (body) => {
      expect(() => parseBody(acknowledge, body)).toThrow(expect.objectContaining({ field: 'envelope_ids' }));
    },
  );
});

describe('the body of POST /v2/messages/plaintext', () => {
  const payload = { type: 'message_payload', is_visible_to_human: false };
  const signature = 'A'.repeat(86);
  const plain = {
    type: 'plaintext_message_envelope',
    version: 1,
    envelope_id,
    signed_payload: { payload, signature },
  };

  it('keeps the payload as it came', () => {
    const read = parseBody(getEndpoint('sendPlaintext'), plain);
    expect(read).toEqual(plain);
    expect(read.signed_payload.payload).toBe(payload);
    expect(decodePlaintextEnvelope(plain)).toEqual(read);
  });

  it.each([
    ['type', { ...plain, type: 'message_envelope' }],
    ['version', { ...plain, version: 2 }],
    ['envelope_id', { ...plain, envelope_id: undefined }],
    ['signed_payload', { ...plain, signed_payload: undefined }],
    ['signed_payload.payload', { ...plain, signed_payload: { signature } }],
    ['signed_payload.signature', { ...plain, signed_payload: { payload, signature: `${signature}==` } }],
  ])('names the wrong member %s', (field, body) => {
    expect(() => parseBody(getEndpoint('sendPlaintext'), body)).toThrow(expect.objectContaining({ field }));
    expect(() => decodePlaintextEnvelope(body)).toThrow(/^Cannot read plaintext envelope: member '/);
  });
});

describe('the answer of the history', () => {
  it.each([
    ['numbers', 1_778_400_000_000, '1778400000000'],
    ['text', 'abc', 'abc'],
    ['null', null, undefined],
  ])('reads cursors that are %s', (_name, next_before, expected) => {
    const answer = { messages: [{ seq: 1, envelope }], has_more: true, next_before, next_before_id: envelope_id };
    const read = parseAnswer(getEndpoint('listHistory'), answer);
    expect([read.next_before, read.next_before_id]).toEqual([expected, envelope_id]);
  });
});

describe('the body of POST /blobs/upload', () => {
  it('is taken as bytes', () => {
    const bytes = Uint8Array.of(1, 2, 3);
    expect(parseBody(getEndpoint('uploadBlob'), bytes)).toBe(bytes);
    expect(() => parseBody(getEndpoint('uploadBlob'), {})).toThrow(expect.objectContaining({ code: 'wrong_type' }));
  });

  it.each([['../x'], ['a/b'], ['..'], [7], [undefined]])('is not answered with the id %j', (blob_id) => {
    expect(() => parseAnswer(getEndpoint('uploadBlob'), { blob_id })).toThrow(
      expect.objectContaining({ field: 'blob_id' }),
    );
  });
});

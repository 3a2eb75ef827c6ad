import { describe, expect, it } from 'vitest';
import { getEndpoint } from './endpoints.ts';
import { parseAnswer, parseBody } from './parse-api.ts';

const endpoint = getEndpoint('sendFresh');
const envelope_id = 'msg_9066f631-ba1e-41a6-bb5e-d863339cd0bc';
const latest_envelope_id = 'msg_ebf13d71-4efd-44f4-b5d1-ff54f79295ad';

const freshness = { mode: 'require_current', context_baseline_seq: 5, seen_seq: 7, latest_seq_before_send: 7 };
const sent = { state: 'sent', envelope_id, seq: 8, replay: false, missing_devices: [], freshness };
const held = {
  state: 'held',
  envelope_id,
  context_baseline_seq: 5,
  seen_seq: 7,
  latest_seq: 9,
  latest_envelope_id,
};
const blocking = {
  blocking_seq: 9,
  blocking_envelope_id: latest_envelope_id,
  blocking_sender_slug: 'bob-0f42',
};

function refusal(field: string): unknown {
  return expect.objectContaining({ code: 'schema_mismatch', field });
}

describe('the body of a send with freshness', () => {
  const body = { envelope: {}, freshness: { mode: 'send_anyway', context_baseline_seq: null, seen_seq: 0 } };

  it('is read with an agent that never had context', () => {
    expect(parseBody(endpoint, body)).toEqual(body);
  });

  it.each([
    ['envelope', { freshness: body.freshness }],
    ['freshness', { envelope: {} }],
    ['freshness.mode', { ...body, freshness: { ...body.freshness, mode: 'maybe' } }],
    ['freshness.context_baseline_seq', { ...body, freshness: { mode: 'send_anyway', seen_seq: 0 } }],
    ['freshness.seen_seq', { ...body, freshness: { ...body.freshness, seen_seq: -1 } }],
  ])('names the wrong member %s', (field, wrong) => {
    expect(() => parseBody(endpoint, wrong)).toThrow(refusal(field));
  });
});

describe('the answer "sent"', () => {
  it.each([
    ['current', sent],
    ['with queued devices', { ...sent, devices_queued: 0, missing_devices: ['dev_1'] }],
    ['anyway', { ...sent, freshness: { ...freshness, mode: 'send_anyway', latest_seq_before_send: 12 } }],
    ['again, first sent without freshness', { ...sent, replay: true, freshness: undefined }],
    ['with members of later servers', { ...sent, later: 1 }],
  ])('is read: %s', (_name, answer) => {
    expect(parseAnswer(endpoint, answer)).toMatchObject({ state: 'sent', seq: 8 });
  });

  it.each([
    ['seq', { ...sent, seq: 0 }],
    ['replay', { ...sent, replay: undefined }],
    ['missing_devices', { ...sent, missing_devices: undefined }],
    ['devices_queued', { ...sent, devices_queued: -1 }],
    ['freshness', { ...sent, freshness: undefined }],
    ['freshness.later', { ...sent, freshness: { ...freshness, later: 1 } }],
    ['freshness.context_baseline_seq', { ...sent, freshness: { ...freshness, context_baseline_seq: null } }],
    ['freshness.latest_seq_before_send', { ...sent, freshness: { ...freshness, latest_seq_before_send: 8 } }],
    ['freshness.latest_seq_before_send', { ...sent, freshness: { ...freshness, context_baseline_seq: 8 } }],
    [
      'freshness.latest_seq_before_send',
      { ...sent, freshness: { ...freshness, mode: 'send_anyway', latest_seq_before_send: 6 } },
    ],
  ])('is refused with a wrong %s', (field, answer) => {
    expect(() => parseAnswer(endpoint, answer)).toThrow(refusal(field));
  });
});

describe('the answer "held"', () => {
  it.each([
    ['without the blocking message', held],
    ['with the blocking message', { ...held, ...blocking }],
    ['for an agent that never had context', { ...held, context_baseline_seq: null }],
  ])('is read %s', (_name, answer) => {
    expect(parseAnswer(endpoint, answer)).toEqual(answer);
  });

  it.each([
    ['latest_seq', { ...held, latest_seq: 7 }],
    ['latest_envelope_id', { ...held, latest_envelope_id: undefined }],
    ['later', { ...held, later: 1 }],
    ['blocking_seq', { ...held, blocking_sender_slug: 'bob-0f42' }],
    ['blocking_seq', { ...held, ...blocking, blocking_seq: 8 }],
    ['blocking_seq', { ...held, ...blocking, blocking_envelope_id: envelope_id }],
    ['blocking_seq', { ...held, ...blocking, blocking_sender_slug: undefined }],
    ['blocking_sender_slug', { ...held, ...blocking, blocking_sender_slug: null }],
  ])('is refused with a wrong %s', (field, answer) => {
    expect(() => parseAnswer(endpoint, answer)).toThrow(refusal(field));
  });
});

describe('another answer', () => {
  it.each([[{ ...sent, state: 'queued' }], [{ ...sent, state: undefined }], [undefined]])(
    'is refused: %#',
    (answer) => {
      expect(() => parseAnswer(endpoint, answer)).toThrow(refusal('state'));
      expect(() => parseAnswer(endpoint, answer)).toThrow(/expected 'sent' or 'held'$/);
    },
  );
});

import { describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import { getEndpoint } from './endpoints.ts';
import { parseAnswer, parseBody } from './parse-api.ts';

const message = 'msg_9066f631-ba1e-41a6-bb5e-d863339cd0bc';
const registered = {
  agent_slug: 'helper-9a7c',
  agent_device_id: 'dev_ehK81JGM4WBC3jNs7Zn6Z5NESyAM1QEGy8PEMyqU23w',
};

describe('the answer of POST /agents', () => {
  it.each([
    ['nulls', { ...registered, pending_token: null, pending_expires_at: null }],
    ['nothing', registered],
  ])('reads %s for the token of an agent that is registered already', (_name, answer) => {
    const read = parseAnswer(getEndpoint('registerAgent'), answer);
    expect([read.pending_token, read.pending_expires_at]).toEqual([undefined, undefined]);
  });
});

describe('the body of POST /agents/{slug}/operator/revoke', () => {
  const revocation = { type: 'operator_revocation', version: 1 };

  it.each([
    ['bare', revocation],
    ['wrapped', { operator_revocation: revocation }],
  ])('reads the revocation %s', (_name, body) => {
    expect(parseBody(getEndpoint('revokeAgent'), body)).toEqual(revocation);
  });
});

describe('the body of POST /agents/me/heartbeat', () => {
  const heartbeat = getEndpoint('sendHeartbeat');

  it.each([
    ['idle', { status: 'idle' }, { status: 'idle' }],
    ['busy', { status: 'busy', current_message_id: message }, { status: 'busy', current_message_id: message }],
    ['an error', { status: 'error', error_text: 'disk full' }, { status: 'error', error_text: 'disk full' }],
    ['a newer state', { status: 'paused', machine_id: 'mac_1', runtime: { a: 1 }, health: [] }, { status: 'paused' }],
    ['nulls', { status: 'idle', current_message_id: null, error_text: null }, { status: 'idle' }],
  ])('reads %s', (_name, body, expected) => {
    expect(parseBody(heartbeat, body)).toEqual(expected);
  });

  it('cuts a long error text', () => {
    const { error_text } = parseBody(heartbeat, { status: 'error', error_text: 'x'.repeat(70_000) });
    expect(error_text).toHaveLength(LIMITS.errorTextCharacters);
  });

  it.each([
    ['status', undefined],
    ['status', { status: 'offline' }],
    ['current_message_id', { status: 'busy', current_message_id: 'msg_1' }],
    ['error_text', { status: 'error', error_text: {} }],
  ])('refuses a wrong %s', (field, body) => {
    expect(() => parseBody(heartbeat, body)).toThrow(expect.objectContaining({ field }));
  });
});

describe('the answer of GET /agents/{slug}/status', () => {
  it('reads a state that nobody knows yet', () => {
    const answer = { slug: 'helper-9a7c', status: 'dreaming', current_message_id: null, last_heartbeat_at: null };
    expect(parseAnswer(getEndpoint('getAgentStatus'), answer).status).toBe('dreaming');
  });
});

describe('the bodies of processing runs', () => {
  const run_id = `run_${'0'.repeat(32)}`;

  it('reads a batch', () => {
    const runs = [{ run_id, message_id: message, succeeded: false, error_text: 'API Error' }];
    expect(parseBody(getEndpoint('endRuns'), { runs })).toEqual({ runs });
  });

  it.each([
    ['runs', {}],
    ['runs', { runs: Array.from({ length: 10_000 }, () => null) }],
    [
      'runs[1].message_id',
      {
        runs: [
          { run_id, message_id: message, succeeded: true },
          { run_id, succeeded: true },
        ],
      },
    ],
    ['runs[0].succeeded', { runs: [{ run_id, message_id: message, succeeded: 'yes' }] }],
  ])('names the wrong member %s of a batch', (field, body) => {
    expect(() => parseBody(getEndpoint('endRuns'), body)).toThrow(expect.objectContaining({ field }));
  });
});

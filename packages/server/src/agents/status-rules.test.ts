import { createEnvelopeId, LIMITS } from '@puffo/protocol';
import { seededRandom } from '@puffo/base';
import { describe, expect, test } from 'vitest';
import {
  type Heartbeat,
  heartbeatWaitSeconds,
  statusAfterHeartbeat,
  type StatusRow,
  visibleState,
} from './status-rules.ts';

const NOW = 1_000_000;
const MESSAGE = createEnvelopeId(seededRandom(1));

function row(changes: Partial<StatusRow>): StatusRow {
  const empty = { current_message_id: null, error_text: null, last_heartbeat_at: null };
  return { slug: 'helper-0001', status: 'idle', last_write_at: NOW - 60_000, ...empty, ...changes };
}

test.each([
  [undefined, undefined],
  [NOW - LIMITS.heartbeatIntervalMs, undefined],
  [NOW - LIMITS.heartbeatIntervalMs + 1, 0.001],
  [NOW, 10],
])('after a write at %s the next heartbeat waits %s seconds', (lastWrite, expected) => {
  const previous = lastWrite === undefined ? undefined : { last_write_at: lastWrite };
  expect(heartbeatWaitSeconds(previous, NOW)).toBe(expected);
});

describe('statusAfterHeartbeat', () => {
  const beat = (heartbeat: Partial<Heartbeat>): Heartbeat => ({
    status: 'idle',
    current_message_id: undefined,
    error_text: undefined,
    ...heartbeat,
  });

  test.each<[Partial<StatusRow> | undefined, Partial<Heartbeat>, Partial<StatusRow>]>([
    [undefined, { status: 'idle' }, { status: 'idle', current_message_id: null, error_text: null }],
    [{}, { status: 'busy', current_message_id: MESSAGE }, { status: 'busy', current_message_id: MESSAGE }],
    [{ current_message_id: MESSAGE }, { status: 'busy' }, { current_message_id: null }],
    [{}, { status: 'idle', current_message_id: MESSAGE }, { current_message_id: null }],
    [{ error_text: 'old' }, { status: 'error', error_text: 'new' }, { error_text: 'new' }],
    [{ error_text: 'old' }, { status: 'error' }, { error_text: 'old' }],
    [{ error_text: 'old' }, { status: 'idle' }, { error_text: null }],
    [{ error_text: 'old' }, { status: 'error', error_text: '' }, { error_text: '' }],
  ])('%j, then %j', (previous, heartbeat, expected) => {
    const input = { slug: 'helper-0001', heartbeat: beat(heartbeat), now: NOW };
    const result = statusAfterHeartbeat(previous === undefined ? undefined : row(previous), input);
    expect(result).toMatchObject({ ...expected, last_write_at: NOW, last_heartbeat_at: NOW });
  });
});

test.each([
  [0, 'idle'],
  [LIMITS.offlineAfterMs, 'idle'],
  [LIMITS.offlineAfterMs + 1, 'offline'],
])('%i ms after the last write an agent is %s', (age, expected) => {
  expect(visibleState(row({ last_write_at: NOW - age }), NOW)).toBe(expected);
});

test('an agent that never wrote is offline', () => {
  expect(visibleState(undefined, NOW)).toBe('offline');
});

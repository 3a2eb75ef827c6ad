import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FAILURE_CLASSES, type FailureClass } from '../retry/judge-failure.ts';
import {
  type Health,
  type HealthEvent,
  healthText,
  INITIAL_HEALTH,
  operatorNews,
  reduceHealth,
} from './reduce-health.ts';

const OK: HealthEvent = { kind: 'turn-ok' };
const CHANGED: HealthEvent = { kind: 'credentials-changed' };
const PROBE_OK: HealthEvent = { kind: 'credential-probe', outcome: 'ok' };
const PROBE_FAILED: HealthEvent = { kind: 'credential-probe', outcome: 'failed' };
const BROKEN: HealthEvent = { kind: 'refresh-broken' };
const TOLD_AUTH: HealthEvent = { kind: 'operator-told', about: 'auth' };

function failed(failureClass: FailureClass, gaveUp = true): HealthEvent {
  return { kind: 'turn-failed', failureClass, gaveUp };
}

function after(...events: readonly HealthEvent[]): Health {
  return events.reduce(reduceHealth, INITIAL_HEALTH);
}

describe('health', () => {
  it.each<[string, readonly HealthEvent[], string]>([
    ['nothing', [], 'unknown'],
    ['a turn', [OK], 'ok'],
    ['a probe', [PROBE_OK], 'ok'],
    ['a failed probe', [OK, PROBE_FAILED], 'auth_failed auth'],
    ['a failed probe and a good one', [PROBE_FAILED, PROBE_OK], 'ok'],
    ['a refused key', [OK, failed('auth', false)], 'auth_failed auth'],
    ['a refused key and another one', [failed('auth'), CHANGED], 'unknown'],
    ['a refused key and an answer', [failed('auth'), OK], 'ok'],
    ['no credit', [failed('billing', false)], 'auth_failed billing'],
    ['no credit and a good login', [failed('billing'), PROBE_OK], 'auth_failed billing'],
    ['a used up limit and another key', [failed('quota'), CHANGED], 'unknown'],
    ['a model that is not there', [failed('bad_model')], 'api_error_abandoned bad_model'],
    ['a model that is not there and another one', [failed('bad_model'), CHANGED], 'unknown'],
    ['a model that is not there and a good login', [failed('bad_model'), PROBE_OK], 'api_error_abandoned bad_model'],
    ['a failure that is tried again', [OK, failed('network', false)], 'ok'],
    ['a failure that is not', [OK, failed('network')], 'api_error_abandoned network'],
    ['a given up turn and a good one', [failed('overloaded'), OK], 'ok'],
    ['a given up turn and another key', [failed('overloaded'), CHANGED], 'api_error_abandoned overloaded'],
    ['a refused key and then no network', [failed('auth'), failed('network')], 'auth_failed auth'],
    ['no network and then a refused key', [failed('network'), failed('auth')], 'auth_failed auth'],
    ['another key while all is well', [OK, CHANGED], 'ok'],
    ['a message that was too large', [OK, failed('input_too_large')], 'ok'],
    ['a request that was declined', [failed('refused')], 'unknown'],
    ['a login that is not refreshed', [OK, BROKEN], 'refresh_broken'],
    ['a login that is not refreshed and still works', [BROKEN, OK], 'refresh_broken'],
    ['a login that is not refreshed and another one', [BROKEN, CHANGED], 'unknown'],
    ['a login that is not refreshed and has ended', [BROKEN, failed('auth')], 'auth_failed auth'],
    ['a login that has ended and is not refreshed', [failed('auth'), BROKEN], 'auth_failed auth'],
    ['an operator who stopped it', [OK, failed('cancelled')], 'ok'],
  ])('after %s', (_what, events, expected) => {
    const { word, cause } = after(...events);
    expect(cause === undefined ? word : `${word} ${cause}`).toBe(expected);
  });

  const anyEvent = fc.oneof(
    fc.constantFrom(OK, CHANGED, PROBE_OK, PROBE_FAILED, TOLD_AUTH),
    fc
      .tuple(fc.constantFrom(...FAILURE_CLASSES), fc.boolean())
      .map(([failureClass, gaveUp]) => failed(failureClass, gaveUp)),
  );

  it('is good after a good turn, whatever was before', () => {
    fc.assert(
      fc.property(fc.array(anyEvent), (events) => {
        expect(after(...events, OK)).toEqual({ word: 'ok', cause: undefined, told: [] });
      }),
    );
  });

  it('has a cause exactly when it is bad, and is the same object when nothing changes', () => {
    fc.assert(
      fc.property(fc.array(anyEvent), anyEvent, (events, event) => {
        const before = after(...events);
        const next = reduceHealth(before, event);
        expect(next.cause !== undefined).toBe(next.word === 'auth_failed' || next.word === 'api_error_abandoned');
        expect(reduceHealth(next, event)).toBe(next);
      }),
    );
  });
});

describe('the operator', () => {
  it.each<[string, readonly HealthEvent[], string | undefined]>([
    ['nothing of a good turn', [OK], undefined],
    ['nothing of a busy provider', [failed('overloaded')], undefined],
    ['of a refused key', [failed('auth', false)], 'auth'],
    ['of it once', [failed('auth'), TOLD_AUTH, failed('auth'), failed('network'), PROBE_FAILED], undefined],
    ['of something else that follows', [failed('auth'), TOLD_AUTH, failed('billing')], 'billing'],
    [
      'nothing when two failures take turns',
      [failed('auth'), TOLD_AUTH, failed('quota'), { kind: 'operator-told', about: 'quota' }, failed('auth')],
      undefined,
    ],
    ['again after it worked in between', [failed('auth'), TOLD_AUTH, OK, failed('auth')], 'auth'],
    ['again when the new key is refused too', [failed('auth'), TOLD_AUTH, CHANGED, failed('auth')], 'auth'],
    ['of a model that is not there', [failed('bad_model')], 'bad_model'],
  ])('is told %s', (_what, events, expected) => {
    expect(operatorNews(after(...events))).toBe(expected);
  });
});

it.each<[readonly HealthEvent[], string]>([
  [[], 'not known yet'],
  [[OK], 'ok'],
  [[failed('quota')], 'cannot answer: the usage limit at the AI provider is reached'],
  [[failed('timeout')], 'cannot answer: the AI model took too long'],
])('is said in plain words after %j', (events, expected) => {
  expect(healthText(after(...events))).toBe(expected);
});

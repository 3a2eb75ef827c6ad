// How well an agent can think, from what happened to it: every way into a bad state has a way out, and good news ends an episode
// of whatever kind. Plain data, so that it can be kept over a restart. spec: daemon-and-cli 1.7, 3.14, lesson 11
import type { FailureClass } from '../retry/judge-failure.ts';
import { isOperatorFailure, type OperatorFailure } from '../retry/operator-failure.ts';

/** As they stand in `runtime.json`; the last two are words of later versions. */
export type HealthWord = 'unknown' | 'ok' | 'auth_failed' | 'api_error_abandoned' | 'refresh_broken';

export interface Health {
  readonly word: HealthWord;
  /** Of `auth_failed` and `api_error_abandoned`. */
  readonly cause: FailureClass | undefined;
  /** What the operator was told since the agent was well. */
  readonly told: readonly OperatorFailure[];
}

export const INITIAL_HEALTH: Health = { word: 'unknown', cause: undefined, told: [] };

export type HealthEvent =
  | { readonly kind: 'turn-ok' }
  /** `gaveUp`: it is not tried again by itself. */
  | { readonly kind: 'turn-failed'; readonly failureClass: FailureClass; readonly gaveUp: boolean }
  /** A key, a login, the provider or the model is another one now; nobody knows yet whether it works. */
  | { readonly kind: 'credentials-changed' }
  /** The login works, but it is not refreshed any more, and will end. */
  | { readonly kind: 'refresh-broken' }
  | { readonly kind: 'credential-probe'; readonly outcome: 'ok' | 'failed' }
  | { readonly kind: 'operator-told'; readonly about: OperatorFailure };

/** The same object when nothing changes. */
export function reduceHealth(health: Health, event: HealthEvent): Health {
  switch (event.kind) {
    case 'turn-ok':
      // A login that still works proves nothing of its refresh.
      return enter(health, { word: health.word === 'refresh_broken' ? health.word : 'ok', cause: undefined, told: [] });
    case 'turn-failed':
      return afterFailure(health, event);
    case 'credentials-changed':
      return isRepairable(health) || health.word === 'refresh_broken' ? INITIAL_HEALTH : health;
    case 'refresh-broken':
      return health.cause === undefined ? enter(health, { ...health, word: 'refresh_broken' }) : health;
    case 'credential-probe':
      return afterProbe(health, event.outcome);
    case 'operator-told':
      return health.told.includes(event.about) ? health : { ...health, told: [...health.told, event.about] };
  }
}

/** What the operator has to be told now; the event `operator-told` says that it happened. */
export function operatorNews({ cause, told }: Health): OperatorFailure | undefined {
  return cause !== undefined && isOperatorFailure(cause) && !told.includes(cause) ? cause : undefined;
}

/** For `status`, in plain words. */
export function healthText({ word, cause }: Health): string {
  switch (word) {
    case 'ok':
      return 'ok';
    case 'unknown':
      return 'not known yet';
    case 'refresh_broken':
      return 'its login cannot be refreshed, and will end';
    case 'auth_failed':
    case 'api_error_abandoned':
      return cause === undefined ? 'cannot answer' : `cannot answer: ${causeText(cause)}`;
  }
}

/** In plain words, for the middle of a sentence. */
export function causeText(cause: FailureClass): string {
  return CAUSES[cause];
}

const CAUSES: Readonly<Record<FailureClass, string>> = {
  rate_limited: 'the AI provider limits its requests',
  overloaded: 'the AI provider is overloaded',
  server_error: 'the AI provider has a problem',
  network: 'the AI provider cannot be reached',
  auth: 'the AI provider does not accept its key or login',
  billing: 'the account at the AI provider has no credit',
  quota: 'the usage limit at the AI provider is reached',
  input_too_large: 'a message was too large',
  bad_session: 'its conversation could not be continued',
  bad_model: 'the AI provider does not offer its model',
  refused: 'the AI model declined a request',
  crashed: 'the program that runs the AI model ended unexpectedly',
  timeout: 'the AI model took too long',
  protocol: 'the AI model answered in a way that nobody understands',
  cancelled: 'it was stopped',
};

/** They say something of one message, or of who stopped it, and nothing of how the agent is. */
const NO_SIGN: readonly FailureClass[] = ['input_too_large', 'refused', 'cancelled'];

function afterFailure(
  health: Health,
  { failureClass, gaveUp }: { readonly failureClass: FailureClass; readonly gaveUp: boolean },
): Health {
  if (NO_SIGN.includes(failureClass)) return health;
  if (failureClass === 'bad_model')
    return enter(health, { ...health, word: 'api_error_abandoned', cause: failureClass });
  if (isOperatorFailure(failureClass)) return enter(health, { ...health, word: 'auth_failed', cause: failureClass });
  // What only the operator can repair is not repaired by another failure on top of it.
  if (!gaveUp || isRepairable(health)) return health;
  return enter(health, { ...health, word: 'api_error_abandoned', cause: failureClass });
}

/** A probe says something of the login, and nothing of credit, limits or models. */
function afterProbe(health: Health, outcome: 'ok' | 'failed'): Health {
  if (outcome === 'failed') return enter(health, { ...health, word: 'auth_failed', cause: 'auth' });
  const isOther = isRepairable(health) && health.cause !== 'auth';
  return isOther ? health : enter(health, { word: 'ok', cause: undefined, told: [] });
}

function isRepairable({ cause }: Health): boolean {
  return cause !== undefined && isOperatorFailure(cause);
}

function enter(health: Health, next: Health): Health {
  const isSame = health.word === next.word && health.cause === next.cause && health.told.length === next.told.length;
  return isSame ? health : next;
}

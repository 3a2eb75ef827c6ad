// One login of the user, as long as agents work with it: looked at from time to time, refreshed before it ends, and handed on when
// it is another one. spec: runtimes 5.5
import { type Clock, type Logger, sleep as sleepInTime } from '@puffo/base';
import { createWakeablePause, type Sleep } from '../worker/wakeable-pause.ts';
import { type HostLogin, readHostLogin } from './host-login.ts';
import type { Login } from './login.ts';
import { refreshLogin, type RefreshOutcome, type RunLoginHelper } from './refresh-login.ts';

const POLL_MS = 2 * 60_000;
const REFRESH_BEFORE_MS = 10 * 60_000;
/** Each attempt costs a little, and a login that cannot be refreshed stays so for a while. */
const MAX_PAUSE_MS = 30 * 60_000;
const BROKEN_AFTER = 2;

export interface LoginWatch extends AsyncDisposable {
  /** Somebody works with it, or does not any more. */
  look(): void;
  /** The provider did not accept it: it is refreshed now, unless that was just tried. */
  refused(): void;
  /** When the round that runs, or the next one, is over. */
  settled(): Promise<void>;
  /** ms; as it was seen last. `undefined`: it does not end, or there is none. */
  readonly expiresAt: number | undefined;
}

export interface LoginWatchOptions {
  readonly login: Login;
  readonly homeFolder: string;
  readonly runHelper: RunLoginHelper;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly sleep?: Sleep | undefined;
  readonly isUsed: () => boolean;
  /** Whatever it is now; `isOther`: it was another one before. */
  readonly handOn: (login: HostLogin, isOther: boolean) => Promise<void>;
  /** It was tried in vain more than once. */
  readonly onBroken: () => void;
}

export function createLoginWatch(options: LoginWatchOptions): LoginWatch {
  const { login, homeFolder, runHelper, clock, logger, sleep = sleepInTime, isUsed, handOn } = options;
  const pause = createWakeablePause(sleep);
  const ending = new AbortController();
  let known: string | undefined;
  let expiresAt: number | undefined;
  let isRefused = false;
  const attempts = createAttempts(options);
  let waiting: (() => void)[] = [];

  async function see(): Promise<HostLogin> {
    const host = await readHostLogin(login, homeFolder);
    if (host.kind === 'unreadable') return host;
    const mark = host.kind === 'there' ? host.fingerprint : '';
    const isOther = known !== undefined && known !== mark;
    known = mark;
    expiresAt = host.kind === 'there' ? login.expiresAt(host.value) : undefined;
    if (isOther) {
      logger.info('credentials-changed', { login: login.name });
      isRefused = false;
      attempts.forget();
    }
    await handOn(host, isOther);
    return host;
  }

  function needsRefresh(host: HostLogin): host is Extract<HostLogin, { kind: 'there' }> {
    if (host.kind !== 'there' || !login.canRefresh(host.value) || !attempts.mayTry()) return false;
    return isRefused || (expiresAt !== undefined && expiresAt - clock() < REFRESH_BEFORE_MS);
  }

  async function round(): Promise<void> {
    const host = await see();
    if (!needsRefresh(host)) return;
    isRefused = false;
    const { signal } = ending;
    const outcome = await refreshLogin(login, host.fingerprint, { homeFolder, runHelper, signal, logger });
    if (signal.aborted) return;
    attempts.note(outcome);
    if (outcome === 'refreshed') await see();
  }

  async function keep(): Promise<void> {
    while (!pause.isEnded) {
      try {
        if (isUsed()) await round();
      } catch (error) {
        // One file that cannot be written, or a program that cannot be started: the next round may do better.
        logger.warn('credentials-failed', {
          login: login.name,
          error: error instanceof Error ? error.message : 'unknown',
        });
      }
      const done = waiting;
      waiting = [];
      for (const resolve of done) resolve();
      await pause.wait(POLL_MS);
    }
  }

  const keeping = keep();
  return {
    get expiresAt() {
      return expiresAt;
    },
    look: pause.wake,
    refused() {
      isRefused = true;
      pause.wake();
    },
    settled: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        pause.wake();
      }),
    async [Symbol.asyncDispose]() {
      pause.end();
      ending.abort(new Error('Closed'));
      await keeping;
      for (const resolve of waiting) resolve();
    },
  };
}

interface Attempts {
  mayTry(): boolean;
  note(outcome: RefreshOutcome): void;
  /** It is another login now. */
  forget(): void;
}

function createAttempts({ login, clock, logger, onBroken }: LoginWatchOptions): Attempts {
  let failures = 0;
  let notBefore = 0;
  return {
    mayTry: () => clock() >= notBefore,
    note(outcome) {
      logger.info('credentials-refresh', { login: login.name, outcome });
      if (outcome === 'refreshed') return;
      failures++;
      notBefore = clock() + Math.min(POLL_MS * 2 ** (failures - 1), MAX_PAUSE_MS);
      if (failures < BROKEN_AFTER) return;
      if (failures === BROKEN_AFTER) logger.error('credentials-refresh-broken', { login: login.name, outcome });
      onBroken();
    },
    forget() {
      failures = 0;
      notBefore = 0;
    },
  };
}

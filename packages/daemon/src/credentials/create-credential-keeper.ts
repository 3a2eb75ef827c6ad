// The only one who has the logins of the user refreshed, and who hands them on: agents get views, and never the right to refresh.
// spec: runtimes 5.4, 5.5, daemon-and-cli D-14
import { type Clock, type Logger, sleep } from '@puffo/base';
import { DaemonError } from '../daemon-error.ts';
import type { AgentPaths } from '../home/home.ts';
import { createGuardedFolder } from '../prepare/guarded-folder.ts';
import type { Sleep } from '../worker/wakeable-pause.ts';
import type { HostLogin } from './host-login.ts';
import { type LoginName, LOGINS } from './login.ts';
import { createLoginWatch, type LoginWatch } from './login-watch.ts';
import type { RunLoginHelper } from './refresh-login.ts';
import { writeView } from './write-view.ts';

/** A login that ends within so long may end during a turn. */
const ABOUT_TO_END_MS = 60_000;
const FRESH_WITHIN_MS = 30_000;

export interface CredentialKeeper extends AsyncDisposable {
  /** From now on the agent's view follows the login, until the result is called. */
  follow(follower: LoginFollower): () => void;
  /** A provider did not accept it. */
  refused(login: LoginName): void;
  /** Before a turn: waits for a login that is about to end, a bounded time. Never fails. */
  whenFresh(login: LoginName, signal: AbortSignal): Promise<void>;
}

export interface LoginFollower {
  readonly agent: Pick<AgentPaths, 'id' | 'folder'>;
  readonly login: LoginName;
  /** It is another one now, and the view is written. */
  readonly onChange: () => void;
  /** It works, and is not refreshed any more. */
  readonly onBroken: () => void;
}

export interface CredentialKeeperOptions {
  /** Of the user. */
  readonly homeFolder: string;
  readonly runHelper: RunLoginHelper;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly sleep?: Sleep | undefined;
}

export function createCredentialKeeper(options: CredentialKeeperOptions): CredentialKeeper {
  const { homeFolder, clock, logger } = options;
  const followers = new Set<LoginFollower>();
  /** Made when somebody needs it: who has no such agents has nothing looked at. */
  const watches = new Map<LoginName, LoginWatch>();
  let isClosed = false;

  function followersOf(name: LoginName): readonly LoginFollower[] {
    return [...followers].filter(({ login }) => login === name);
  }

  async function handOn(name: LoginName, host: HostLogin, isOther: boolean): Promise<void> {
    for (const follower of followersOf(name)) {
      if (host.kind === 'there') await writeViewOf(follower);
      if (isOther && followers.has(follower)) follower.onChange();
    }
  }

  /** What is wrong with one agent's folder does not keep the others from theirs. */
  async function writeViewOf({ agent, login }: LoginFollower): Promise<void> {
    try {
      const result = await writeView(createGuardedFolder(agent.folder), { login, homeFolder });
      if (result === 'written') logger.info('credentials-view-written', { agentId: agent.id, login });
    } catch (error) {
      if (!(error instanceof DaemonError) && !(error instanceof Error && 'syscall' in error)) throw error;
      logger.warn('credentials-view-failed', { agentId: agent.id, login, error: error.message });
    }
  }

  function watch(name: LoginName): LoginWatch {
    const known = watches.get(name);
    if (known !== undefined) return known;
    const made = createLoginWatch({
      ...options,
      login: LOGINS[name],
      isUsed: () => followersOf(name).length > 0,
      handOn: (host, isOther) => handOn(name, host, isOther),
      onBroken: () => followersOf(name).forEach(({ onBroken }) => onBroken()),
    });
    watches.set(name, made);
    return made;
  }

  return {
    follow(follower) {
      if (isClosed) return () => undefined;
      followers.add(follower);
      watch(follower.login).look();
      return () => void followers.delete(follower);
    },
    refused: (name) => watches.get(name)?.refused(),
    async whenFresh(name, signal) {
      const login = watches.get(name);
      if (login === undefined || isClosed) return;
      const { expiresAt } = login;
      if (expiresAt === undefined || expiresAt - clock() >= ABOUT_TO_END_MS) return;
      const timer = new AbortController();
      // It rejects when it is called off, or when the turn is.
      const late = sleep(FRESH_WITHIN_MS, AbortSignal.any([signal, timer.signal])).catch(() => undefined);
      await Promise.race([login.settled(), late]);
      timer.abort();
    },
    async [Symbol.asyncDispose]() {
      isClosed = true;
      followers.clear();
      await Promise.all([...watches.values()].map((each) => each[Symbol.asyncDispose]()));
    },
  };
}

// The login that one live agent works with, if it has one.
import type { RuntimeConfig } from '@puffo/agent/config';
import type { AgentPaths } from '../home/home.ts';
import type { CredentialKeeper } from './create-credential-keeper.ts';
import { loginOf } from './login.ts';

export interface AgentLogin {
  /** A provider did not accept it. */
  refused(): void;
  /** Before a turn. Never fails. */
  whenFresh(signal: AbortSignal): Promise<void>;
  end(): void;
}

export interface AgentLoginOptions {
  readonly agent: Pick<AgentPaths, 'id' | 'folder'>;
  readonly runtime: Pick<RuntimeConfig, 'kind' | 'provider' | 'harness'>;
  /** It is another one now. */
  readonly onChange: () => void;
  /** It works, and is not refreshed any more. */
  readonly onBroken: () => void;
}

const NONE: AgentLogin = { refused: () => undefined, whenFresh: () => Promise.resolve(), end: () => undefined };

export function followLogin(keeper: CredentialKeeper | undefined, options: AgentLoginOptions): AgentLogin {
  const { agent, runtime, onChange, onBroken } = options;
  const login = loginOf(runtime);
  if (keeper === undefined || login === undefined) return NONE;
  return {
    refused: () => keeper.refused(login),
    whenFresh: (signal) => keeper.whenFresh(login, signal),
    end: keeper.follow({ agent, login, onChange, onBroken }),
  };
}

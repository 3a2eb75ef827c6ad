// The one session of an agent: opened when it is needed, from where the store says that the engine was. spec: runtimes 2.9
import type { AskPermission, EngineSession } from '@puffo/engine';
import type { AgentStore } from '../store/agent-store.ts';
import type { SessionTools } from './agent-tools.ts';
import type { AuditLog } from './audit-log.ts';
import { auditSession } from './audit-log-session.ts';
import type { OpenedEngine } from './worker-host.ts';

export interface SessionHolder extends AsyncDisposable {
  /** The open one, or a new one that goes on where the last settled turn ended. */
  get(): Promise<EngineSession>;
  /** What it remembers is not what the store says: the next turn begins from the store. */
  drop(): Promise<void>;
  /** What it remembers is the problem: the next turn begins from nothing. */
  forget(): Promise<void>;
}

export interface SessionHolderOptions extends OpenedEngine {
  readonly store: Pick<AgentStore, 'loadSession' | 'forgetSession' | 'loadSelfSettings'>;
  /** As it is when a session is opened. */
  readonly systemPrompt: () => string;
  readonly openTools: () => SessionTools | undefined;
  readonly askPermission: AskPermission;
  /** Absent: nobody writes down what it does. */
  readonly audit?: AuditLog | undefined;
}

export function createSessionHolder(options: SessionHolderOptions): SessionHolder {
  const { engine, model, store, systemPrompt, openTools, askPermission, audit } = options;
  let open: Promise<EngineSession> | undefined;
  let tools: SessionTools | undefined;

  async function openNew(): Promise<EngineSession> {
    const resume = await store.loadSession(engine.name);
    const { model: chosen = model } = await store.loadSelfSettings();
    tools = openTools();
    const offered = { tools: tools?.host, askPermission };
    const session = await engine.openSession({ systemPrompt: systemPrompt(), model: chosen, resume, ...offered });
    return audit === undefined ? session : auditSession(session, { audit, resume });
  }

  async function drop(): Promise<void> {
    const closing = open;
    open = undefined;
    tools?.end();
    tools = undefined;
    if (closing === undefined) return;
    let session: EngineSession;
    try {
      session = await closing;
    } catch {
      // It never opened: whoever asked for it was told.
      return;
    }
    await session[Symbol.asyncDispose]();
  }

  return {
    async get() {
      open ??= openNew();
      try {
        return await open;
      } catch (error) {
        open = undefined;
        throw error;
      }
    },
    drop,
    async forget() {
      await drop();
      await store.forgetSession(engine.name);
    },
    [Symbol.asyncDispose]: drop,
  };
}

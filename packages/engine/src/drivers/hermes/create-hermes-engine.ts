// Hermes as an engine: a process per turn that goes on with its session by id. spec: runtimes 7.1
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isJsonObject } from '@puffo/base';
import { writeFileAtomically } from '@puffo/host';
import { createSession, NO_USAGE, type SessionDriver, type TurnResult } from '../../session/create-session.ts';
import { driverFailure } from '../../spec/driver-failure.ts';
import type { Engine, EngineFailure, SessionOptions, SessionRef } from '../../spec/engine.ts';
import type { ToolEndpoint } from '../../spec/tools.ts';
import { composeInput } from './hermes-command.ts';
import { withOwnServer } from './hermes-config.ts';
import { checkPermissionMode, type HermesEngineOptions, PROVIDERS } from './hermes-options.ts';
import { runHermesTurn } from './run-hermes-turn.ts';

/** Fails with an `EngineError` when the permission mode is none that it can keep. */
export function createHermesEngine(options: HermesEngineOptions): Engine {
  checkPermissionMode(options.permissionMode);
  return {
    name: 'hermes',
    capabilities: {
      resume: true,
      cancel: true,
      steer: false,
      permissions: false,
      compact: false,
      hostedTools: false,
      speaksByText: false,
    },
    async openSession(session) {
      await offerTools(options.agentDir, session.tools?.endpoint);
      return createSession(createDriver(options, session));
    },
  };
}

function createDriver(
  options: HermesEngineOptions,
  { systemPrompt, model, resume, tools }: SessionOptions,
): SessionDriver {
  const { provider, environment } = options;
  let sessionId = readRef(resume, provider);
  return {
    isResumed: sessionId !== undefined,
    async *run(input, signal) {
      const { keyVariable } = PROVIDERS[provider];
      if ((environment[keyVariable] ?? '') === '') {
        return failed(driverFailure('auth', `Cannot run Hermes: ${keyVariable} is not set`));
      }
      const result = await runHermesTurn(options, {
        model,
        sessionId,
        endpoint: tools?.endpoint,
        input: composeInput(input.text, sessionId === undefined ? systemPrompt : undefined),
        signal,
      });
      if (result.kind === 'failed') {
        if (result.failure.failureClass === 'bad_session') sessionId = undefined;
        return failed(result.failure);
      }
      const { output } = result;
      sessionId = output.sessionId ?? sessionId;
      yield { kind: 'accepted' };
      if (output.text !== '') yield { kind: 'text', text: output.text };
      return { outcome: { kind: 'ok' }, usage: NO_USAGE };
    },
    describe: () => ({ harness: 'hermes', provider, ...(sessionId === undefined ? {} : { sessionId }) }),
    // A process ends with its turn.
    close: () => Promise.resolve(),
  };
}

function failed(failure: EngineFailure): TurnResult {
  return { outcome: { kind: 'failed', failure }, usage: NO_USAGE };
}

/** A session of another vendor's model does not work any more. */
function readRef(ref: SessionRef | undefined, provider: string): string | undefined {
  if (!isJsonObject(ref) || ref['harness'] !== 'hermes' || ref['provider'] !== provider) return undefined;
  const { sessionId } = ref;
  return typeof sessionId === 'string' && /^[\w-]{1,128}$/.test(sessionId) ? sessionId : undefined;
}

async function offerTools(agentDir: string, endpoint: ToolEndpoint | undefined): Promise<void> {
  const folder = join(agentDir, '.hermes');
  const path = join(folder, 'config.yaml');
  const config = await readFile(path, 'utf8').catch(() => '');
  const changed = withOwnServer(config, endpoint);
  if (changed === config) return;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFileAtomically(path, changed);
}

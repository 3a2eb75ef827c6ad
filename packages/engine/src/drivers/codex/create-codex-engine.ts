// Codex as an engine: one `codex app-server` for each session that is awake. spec: runtimes 10.3
import type { Engine, EngineCapabilities } from '../../spec/engine.ts';
import { EngineError } from '../../spec/engine-error.ts';
import { type CodexEngineOptions, readCodexOptions } from './codex-options.ts';
import { openCodexSession } from './codex-session.ts';

const CAPABILITIES: EngineCapabilities = {
  resume: true,
  cancel: true,
  steer: true,
  permissions: true,
  compact: true,
  hostedTools: false,
  speaksByText: false,
};

/** Throws `EngineError` when the options cannot work. A session's `model` may be empty: codex has one of its own then. */
export function createCodexEngine(options: CodexEngineOptions): Engine {
  const settings = readCodexOptions(options);
  return {
    name: 'codex',
    capabilities: CAPABILITIES,
    async openSession(session) {
      if (session.model.length > MAX_MODEL_LENGTH) throw badModel();
      return openCodexSession(settings, session);
    },
  };
}

const MAX_MODEL_LENGTH = 256;

function badModel(): EngineError {
  const problem = `the name of the model has more than ${MAX_MODEL_LENGTH} characters; set runtime.model`;
  return new EngineError(`Cannot open a session: ${problem}`, { code: 'bad-option', fields: { option: 'model' } });
}

// Gemini CLI as an engine: one program per session, spoken to over the Agent Client Protocol. spec: runtimes 10.4
import { createSession } from '../../session/create-session.ts';
import type { Engine } from '../../spec/engine.ts';
import type { ProgramEngineOptions } from '../../spec/program-options.ts';
import { planApproval } from './approval-plan.ts';
import { openGeminiSession } from './open-gemini-session.ts';

/** Fails with an `EngineError` when the permission mode is none that it can keep. */
export function createGeminiCliEngine(options: ProgramEngineOptions): Engine {
  const approval = planApproval(options.permissionMode);
  return {
    name: 'gemini-cli',
    capabilities: {
      resume: true,
      cancel: true,
      steer: false,
      permissions: true,
      compact: false,
      hostedTools: false,
      speaksByText: false,
    },
    openSession: async (session) => createSession(await openGeminiSession({ options, approval }, session)),
  };
}

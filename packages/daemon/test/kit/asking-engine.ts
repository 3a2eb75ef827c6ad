// An engine whose turns are functions of the test: they may ask for permission, and say what comes of it.
import { createSession, type Engine, NO_USAGE, type PermissionDecision } from '@puffo/engine';
import type { JsonValue } from '@puffo/base';

export interface AskingTurn {
  /** What the model was given. */
  readonly text: string;
  ask(toolName: string, input: JsonValue): Promise<PermissionDecision>;
}

/** `play`: what the turn says; empty: nothing. */
export function createAskingEngine(play: (turn: AskingTurn) => Promise<string>): Engine {
  const capabilities = {
    resume: false,
    cancel: true,
    steer: false,
    permissions: true,
    compact: false,
    hostedTools: false,
    speaksByText: true,
  };
  return {
    name: 'asking',
    capabilities,
    async openSession({ askPermission }) {
      let count = 0;
      return createSession({
        isResumed: false,
        async *run({ text }, signal) {
          yield { kind: 'accepted' };
          const said = await play({
            text,
            async ask(toolName, input) {
              if (askPermission === undefined) throw new Error('nobody can be asked');
              return askPermission({ requestId: `r${count++}`, toolName, input, description: '' }, signal);
            },
          });
          if (said !== '') yield { kind: 'text', text: said };
          return { outcome: signal.aborted ? { kind: 'cancelled' } : { kind: 'ok' }, usage: NO_USAGE };
        },
        describe: () => null,
        close: () => Promise.resolve(),
      });
    },
  };
}

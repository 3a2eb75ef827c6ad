// The turns that most tests script. Plain data: this only saves typing.
import type { JsonObject } from '@puffo/base';
import { driverFailure, type FailureFacts } from '../spec/driver-failure.ts';
import type { EngineFailureClass } from '../spec/engine.ts';
import type { ScriptedTurn } from './scripted-engine.ts';

const USAGE = { inputTokens: 10, outputTokens: 5 };

export const scriptedTurns = { text: sayText, silence: sayNothing, toolCall: callTool, failure: fail, hang } as const;

function sayText(...texts: readonly string[]): ScriptedTurn {
  return { steps: texts.map((text) => ({ kind: 'text', text })), usage: USAGE };
}

function sayNothing(): ScriptedTurn {
  return { steps: [], usage: USAGE };
}

/** `text` is what it says after the call. */
function callTool(
  name: string,
  options: { readonly input?: JsonObject; readonly isError?: boolean; readonly text?: string } = {},
): ScriptedTurn {
  const { input = {}, isError = false, text } = options;
  const callId = `call-${name}`;
  return {
    steps: [
      { kind: 'tool_start', callId, name, input },
      { kind: 'tool_end', callId, isError },
      ...(text === undefined ? [] : [{ kind: 'text', text } as const]),
    ],
    usage: USAGE,
  };
}

/** Fails without having taken the input. */
function fail(failureClass: EngineFailureClass, facts: FailureFacts = {}): ScriptedTurn {
  const failure = driverFailure(failureClass, `The script says ${failureClass}`, facts);
  return { steps: [], isAccepted: false, outcome: { kind: 'failed', failure } };
}

function hang(): ScriptedTurn {
  return { steps: [{ kind: 'hang' }] };
}

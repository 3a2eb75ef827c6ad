// What a daemon answered, read by a command.
import { isJsonObject, type JsonObject, type JsonValue } from '@puffo/base';
import type { DaemonErrorCode } from '../daemon-error.ts';
import type { LiveAgent } from '../supervisor/supervisor.ts';
import type { Phase, RuntimeFacts } from '../worker/runtime-keeper.ts';
import type { ControlAnswer } from './control-protocol.ts';
import { readNumber, readObject, readOptionalNumber, readText, readTexts } from './read-values.ts';

const CODES: readonly DaemonErrorCode[] = [
  'invalid-argument',
  'not-found',
  'already-exists',
  'invalid-file',
  'missing-program',
  'timed-out',
  'running',
  'failed',
];
const PHASES: readonly Phase[] = ['starting', 'connecting', 'online', 'offline', 'backoff'];

/** Fails when it is no answer of ours. */
export function readAnswer(value: JsonValue): ControlAnswer {
  const members = readObject(value, 'answer');
  if (readText(members, 'kind') === 'failed') {
    const code = readText(members, 'code');
    return {
      kind: 'failed',
      code: CODES.find((each) => each === code) ?? 'failed',
      message: readText(members, 'message'),
    };
  }
  const { result = null, warnings = [], agent } = members;
  return {
    kind: 'done',
    result,
    warnings: readTexts(warnings, 'warnings'),
    agent: isJsonObject(agent) ? readLiveAgent(agent) : undefined,
  };
}

function readLiveAgent(members: JsonObject): LiveAgent {
  const { facts } = members;
  return { id: readText(members, 'id'), facts: isJsonObject(facts) ? readFacts(facts) : undefined };
}

function readFacts(members: JsonObject): RuntimeFacts {
  const phase = readText(members, 'phase');
  const tokens = readObject(members['tokensToday'], 'tokensToday');
  return {
    status: readText(members, 'status') === 'error' ? 'error' : 'running',
    phase: PHASES.find((each) => each === phase) ?? 'starting',
    startedAt: readNumber(members, 'startedAt'),
    msgCount: readNumber(members, 'msgCount'),
    lastEventAt: readNumber(members, 'lastEventAt'),
    error: readText(members, 'error'),
    health: readText(members, 'health'),
    connectedAt: readOptionalNumber(members, 'connectedAt'),
    lastErrorAt: readOptionalNumber(members, 'lastErrorAt'),
    nextRetryAt: readOptionalNumber(members, 'nextRetryAt'),
    messagesWaiting: readNumber(members, 'messagesWaiting'),
    messagesFailed: readNumber(members, 'messagesFailed'),
    tokensToday: { input: readNumber(tokens, 'input'), output: readNumber(tokens, 'output') },
  };
}

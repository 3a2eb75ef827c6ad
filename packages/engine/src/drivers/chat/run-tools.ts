// Runs what the model called for, in its order: calls that change nothing side by side, the others one after the other.
// spec: mcp-tools 3.5, 3.8
import type { JsonValue, Random } from '@puffo/base';
import type { TurnEvent } from '../../session/create-session.ts';
import type { ToolAnswer, ToolHost } from '../../spec/tools.ts';
import type { LoggedCall, LoggedResult } from './conversation-log.ts';
import { MAX_PARALLEL_CALLS, MAX_TOOL_ANSWER } from './limits.ts';

/** What a session needs to run tools. */
export interface ToolKit {
  readonly host: ToolHost;
  /** The id of a call at the host: that of the provider, unless it stood for another call before. */
  idOf(providerId: string): string;
}

export interface RequestedCall extends LoggedCall {
  /** As the model wrote it; may be anything. */
  readonly rawInput: JsonValue;
}

const ID_BYTES = 12;
const MAX_REMEMBERED = 10_000;

/** Some servers count their calls from zero in every answer. `used`: ids of earlier turns. */
export function createToolKit(host: ToolHost, { used, random }: ToolKitOptions): ToolKit {
  const seen = new Set(used);
  return {
    host,
    idOf(providerId) {
      const isNew = providerId !== '' && !seen.has(providerId) && seen.size < MAX_REMEMBERED;
      seen.add(providerId);
      return isNew ? providerId : `call-${Buffer.from(random.bytes(ID_BYTES)).toString('hex')}`;
    },
  };
}

export interface ToolKitOptions {
  readonly used: readonly string[];
  readonly random: Random;
}

/** One result per call, in the same order, also when `signal` is aborted in the middle. Never throws. */
export async function* runTools(
  calls: readonly RequestedCall[],
  { host, idOf }: ToolKit,
  signal: AbortSignal,
): AsyncGenerator<TurnEvent, readonly LoggedResult[], void> {
  const readOnly = new Set(host.listTools().flatMap(({ name, isReadOnly }) => (isReadOnly ? [name] : [])));
  const results: LoggedResult[] = [];
  for (const group of groupCalls(calls, readOnly)) {
    const begun = group.map((call) => ({ ...call, callId: idOf(call.id) }));
    if (signal.aborted) {
      results.push(...begun.map((call) => toResult(call, NOT_BEGUN)));
      continue;
    }
    for (const { callId, name, rawInput } of begun) yield { kind: 'tool_start', callId, name, input: rawInput };
    const running = begun.map((call) => ({ call, answering: runTool(call, host, signal) }));
    for (const { call, answering } of running) {
      const answer = await answering;
      results.push(toResult(call, answer));
      yield { kind: 'tool_end', callId: call.callId, isError: answer.isError };
    }
  }
  return results;
}

const NOT_BEGUN: ToolAnswer = { text: 'This was not done: the turn was called off before', isError: true };
const CALLED_OFF: ToolAnswer = {
  text: 'The turn was called off meanwhile: it may have been done; look before you do it again',
  isError: true,
};
const FAILED: ToolAnswer = { text: 'The tool failed; try once more, then tell your operator', isError: true };

/** Neighbours that change nothing are one group. */
function groupCalls(
  calls: readonly RequestedCall[],
  readOnly: ReadonlySet<string>,
): readonly (readonly RequestedCall[])[] {
  const groups: RequestedCall[][] = [];
  let isOpen = false;
  for (const call of calls) {
    const last = groups.at(-1);
    const isReadOnly = readOnly.has(call.name);
    if (isOpen && isReadOnly && last !== undefined && last.length < MAX_PARALLEL_CALLS) last.push(call);
    else groups.push([call]);
    isOpen = isReadOnly;
  }
  return groups;
}

interface BegunCall extends RequestedCall {
  readonly callId: string;
}

/** The host ends a call by itself; who called the turn off does not wait for that. */
async function runTool(call: BegunCall, host: ToolHost, signal: AbortSignal): Promise<ToolAnswer> {
  if (signal.aborted) return NOT_BEGUN;
  const { callId, name, rawInput: input } = call;
  let stop: (() => void) | undefined;
  // Before the call: it may be called off while it begins.
  const stopped = new Promise<ToolAnswer>((resolve) => {
    stop = () => resolve(CALLED_OFF);
    signal.addEventListener('abort', stop, { once: true });
  });
  const answering = host.callTool({ callId, name, input }, signal).catch(() => FAILED);
  try {
    return await Promise.race([answering, stopped]);
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop);
  }
}

function toResult({ id, name }: LoggedCall, { text, isError }: ToolAnswer): LoggedResult {
  const isLong = text.length > MAX_TOOL_ANSWER;
  return { id, name, text: isLong ? `${text.slice(0, MAX_TOOL_ANSWER)}\n[The rest was cut off]` : text, isError };
}

// Reads the notifications of one turn as events of ours. What belongs to other turns, and what we do not know, is progress at
// most. spec: runtimes 2.9, 10.3.2
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '@puffo/base';
import type { TurnEvent } from '../../session/create-session.ts';
import type { Usage } from '../../spec/engine.ts';
import type { Notification } from './app-server.ts';
import { countIn, objectIn, textIn } from './read-frame.ts';

export type TurnEnding =
  | { readonly kind: 'completed' }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'failed'; readonly error: JsonObject };

export interface TurnReader {
  read(notification: Notification): readonly TurnEvent[];
  /** `undefined`: the turn goes on. */
  readonly ending: TurnEnding | undefined;
  /** What the turn has used so far. */
  readonly usage: Usage;
  /** Whether a tool runs whose name begins like this. */
  isCalling(prefix: string): boolean;
}

export function createTurnReader(turnId: string): TurnReader {
  const running = new Map<string, string>();
  let isAccepted = false;
  let ending: TurnEnding | undefined;
  let before: Usage | undefined;
  let usage: Usage = { inputTokens: 0, outputTokens: 0 };

  function begin(item: JsonObject): readonly TurnEvent[] {
    const tool = toolOf(item);
    const callId = textIn(item, 'id');
    if (tool === undefined || running.has(callId)) return PROGRESS;
    running.set(callId, tool.name);
    return [{ kind: 'tool_start', callId, ...tool }];
  }

  function finish(item: JsonObject): readonly TurnEvent[] {
    const type = textIn(item, 'type');
    if (type === 'userMessage') return accept();
    if (type === 'agentMessage') return textOf(item);
    const callId = textIn(item, 'id');
    const started = begin(item);
    if (!running.delete(callId)) return started;
    const end: TurnEvent = { kind: 'tool_end', callId, isError: !isGood(item) };
    return [...started.filter(({ kind }) => kind === 'tool_start'), end];
  }

  function accept(): readonly TurnEvent[] {
    if (isAccepted) return PROGRESS;
    isAccepted = true;
    return [{ kind: 'accepted' }];
  }

  /** The thread counts from its beginning, the turn from here. */
  function count(tokens: JsonObject): readonly TurnEvent[] {
    const total = usageIn(tokens, 'total');
    before ??= subtract(total, usageIn(tokens, 'last'));
    usage = subtract(total, before);
    return PROGRESS;
  }

  function end(turn: JsonObject): readonly TurnEvent[] {
    const status = textIn(turn, 'status');
    if (status === 'completed' || status === 'interrupted') ending = { kind: status };
    else ending = { kind: 'failed', error: objectIn(turn, 'error') };
    return [];
  }

  return {
    read({ method, params }) {
      const turn = objectIn(params, 'turn');
      const owner = textIn(params, 'turnId') || textIn(turn, 'id');
      if (owner !== turnId || ending !== undefined) return [];
      switch (method) {
        case 'item/started':
          return begin(objectIn(params, 'item'));
        case 'item/completed':
          return finish(objectIn(params, 'item'));
        case 'thread/tokenUsage/updated':
          return count(objectIn(params, 'tokenUsage'));
        case 'turn/completed':
          return end(turn);
        default:
          return PROGRESS;
      }
    },
    get ending() {
      return ending;
    },
    get usage() {
      return usage;
    },
    isCalling: (prefix) => [...running.values()].some((name) => name.startsWith(prefix)),
  };
}

const PROGRESS: readonly TurnEvent[] = [{ kind: 'progress' }];

function textOf(item: JsonObject): readonly TurnEvent[] {
  const text = textIn(item, 'text');
  return text === '' ? PROGRESS : [{ kind: 'text', text }];
}

interface ToolUse {
  readonly name: string;
  readonly input: JsonValue;
}

function toolOf(item: JsonObject): ToolUse | undefined {
  switch (textIn(item, 'type')) {
    case 'commandExecution':
      return { name: 'shell', input: { command: textIn(item, 'command'), cwd: textIn(item, 'cwd') } };
    case 'fileChange':
      return { name: 'apply_patch', input: { changes: item['changes'] ?? [] } };
    case 'mcpToolCall':
      return { name: `mcp__${textIn(item, 'server')}__${textIn(item, 'tool')}`, input: item['arguments'] ?? {} };
    case 'webSearch':
      return { name: 'web_search', input: { query: textIn(item, 'query') } };
    case 'dynamicToolCall':
      return { name: textIn(item, 'tool'), input: item['arguments'] ?? {} };
    default:
      return undefined;
  }
}

/** Some tools have no status: that they are over is all there is. */
function isGood(item: JsonObject): boolean {
  const status = textIn(item, 'status');
  return (status === '' || status === 'completed') && !isErrorResult(item['result']);
}

function isErrorResult(result: JsonValue | undefined): boolean {
  return isJsonObject(result) && !isJsonArray(result) && result['isError'] === true;
}

function usageIn(tokens: JsonObject, name: string): Usage {
  const counted = objectIn(tokens, name);
  return { inputTokens: countIn(counted, 'inputTokens'), outputTokens: countIn(counted, 'outputTokens') };
}

function subtract(from: Usage, what: Usage): Usage {
  return {
    inputTokens: Math.max(0, from.inputTokens - what.inputTokens),
    outputTokens: Math.max(0, from.outputTokens - what.outputTokens),
  };
}

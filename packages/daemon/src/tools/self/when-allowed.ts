// What the operator has to agree to. A tool waits only a moment for people; when they agree while somebody still asks, it is done
// then, and when they agree later, the same call again is allowed at once. spec: mcp-tools 10, 11, runtimes 5.9
import { type JsonObject, sleep } from '@puffo/base';
import type { ToolContext } from '../tool-context.ts';
import type { ToolResult } from '../tool-definition.ts';
import { ToolError, toolErrorOf } from '../tool-error.ts';

/** Less than a tool may take. */
const WAIT_MS = 20_000;

export interface Wish {
  readonly tool: string;
  /** Completes "you …". */
  readonly what: string;
  /** What the operator agrees to, exactly. */
  readonly input: JsonObject;
  /** In the agent's words. */
  readonly reason?: string;
}

/** `act` says what it did. */
export async function whenAllowed(wish: Wish, context: ToolContext, act: () => Promise<string>): Promise<ToolResult> {
  const { parts, callKey, signal, lasting } = context;
  const { askPermission, logger } = parts;
  const { tool, what, input, reason = '' } = wish;
  if (askPermission === undefined) {
    throw new ToolError('forbidden', `Cannot ${what}: your operator has to agree, and cannot be asked here`);
  }
  signal.throwIfAborted();
  const description = reason === '' ? what : `${what} (reason: ${reason})`;
  // The turn does not wait for people, so its end does not withdraw the question.
  const decided = askPermission({ requestId: callKey, toolName: tool, input, description }, lasting);
  const outcome = decided.then(async (decision) => {
    if (decision.kind === 'deny') throw new ToolError('forbidden', `Cannot ${what}: ${decision.message}`);
    const text = await act();
    logger.info('operator-allowed', { tool });
    return text;
  });
  outcome.catch((error: unknown) => logger.info('not-done', { tool, code: toolErrorOf(error).code }));
  const text = await withinMoment(outcome);
  return {
    text: text ?? `asked your operator to agree that you ${what}: nothing happens before, and you need not wait`,
  };
}

async function withinMoment(outcome: Promise<string>): Promise<string | undefined> {
  const timer = new AbortController();
  // It rejects only when it is called off.
  const late = sleep(WAIT_MS, timer.signal).then(
    () => undefined,
    () => undefined,
  );
  try {
    return await Promise.race([outcome, late]);
  } finally {
    timer.abort();
  }
}

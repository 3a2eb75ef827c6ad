// How much an agent may say. Two agents that answer each other for ever are the usual cause, so the operator is told, once for each
// time that it begins. spec: mcp-tools 5.1
import { createRateWindow, type RateLimit } from '../rate-window.ts';
import { ToolError } from '../tool-error.ts';
import type { ToolParts } from '../tool-parts.ts';

const MINUTE_MS = 60_000;
const LIMITS: readonly RateLimit[] = [
  { count: 30, withinMs: MINUTE_MS },
  { count: 300, withinMs: 60 * MINUTE_MS },
];
/** When it was quiet for so long, it is another time. */
const EPISODE_MS = 60 * MINUTE_MS;

export interface SpeakLimit {
  /** Fails when it is too much. */
  take(): void;
}

export function createSpeakLimit(
  { clock, tellOperator, config, logger }: Pick<ToolParts, 'clock' | 'tellOperator' | 'config' | 'logger'>,
  limits: readonly RateLimit[] = LIMITS,
): SpeakLimit {
  const window = createRateWindow(limits, clock);
  let refusedAt: number | undefined;
  return {
    take() {
      if (window.take()) return;
      const now = clock();
      if (refusedAt === undefined || now - refusedAt >= EPISODE_MS) {
        const { id, displayName } = config();
        logger.warn('speak-limit', {});
        tellOperator(
          `Your agent ${displayName} (${id}) writes more than it is allowed to: some of its messages are refused. It may be talking to another agent without end; pause it with 'puffo-agent agent pause ${id}' if so.`,
          `speak-limit:${id}:${now}`,
        );
      }
      refusedAt = now;
      const message =
        'Cannot send more for now: you have sent too many messages; nothing was sent, stop or wait a few minutes';
      throw new ToolError('unavailable', message);
    },
  };
}

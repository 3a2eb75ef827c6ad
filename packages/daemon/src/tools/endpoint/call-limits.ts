// How much engine processes of one agent may call over HTTP: a runaway loop gets clear errors, and others go on.
// spec: mcp-tools 3.3, 11
import { type Clock, createSlots } from '@puffo/base';
import type { ToolAnswer, ToolHost } from '@puffo/engine';
import { createRateWindow } from '../rate-window.ts';

const CALLS_PER_MINUTE = 60;
const MINUTE_MS = 60_000;
const AT_ONCE = 4;
const MAX_WAITING = 16;

export interface CallLimits {
  /** The same tools, within the limits of the agent. */
  limit(host: ToolHost): ToolHost;
}

export function createCallLimits(clock: Clock): CallLimits {
  const window = createRateWindow([{ count: CALLS_PER_MINUTE, withinMs: MINUTE_MS }], clock);
  const slots = createSlots(AT_ONCE);
  let waiting = 0;
  return {
    limit: (host) => ({
      instructions: host.instructions,
      listTools: () => host.listTools(),
      async callTool(call, signal) {
        if (waiting >= MAX_WAITING) return tooMuch(`more than ${AT_ONCE + MAX_WAITING} calls at once`);
        if (!window.take()) return tooMuch(`more than ${CALLS_PER_MINUTE} calls in a minute`);
        waiting++;
        try {
          return await slots.run(() => host.callTool(call, signal));
        } finally {
          waiting--;
        }
      },
    }),
  };
}

function tooMuch(what: string): ToolAnswer {
  return { text: `Cannot call this tool now: you made ${what}; nothing was done, wait a minute`, isError: true };
}

// Which engine process may call which tools: one random token for each, in memory only, for as long as the process lives.
// spec: mcp-tools 3.3, 11
import { createHash, timingSafeEqual } from 'node:crypto';
import { encodeBase64url, type Random } from '@puffo/base';
import type { McpResponder } from '@puffo/engine';

const TOKEN_BYTES = 32;
/** Of all agents; an owner that forgets to revoke is a mistake, and no reason to grow. */
const MAX_TOKENS = 4096;

export interface ToolAccess {
  readonly agentId: string;
  readonly responder: McpResponder;
  /** Aborted when the token ends: what it asked for does, too. */
  readonly ended: AbortSignal;
}

export interface ToolTokens {
  /** Secret. */
  issue(access: Omit<ToolAccess, 'ended'>): { readonly token: string; revoke(): void };
  /** `undefined`: it is none, or that of another agent. In the same time for every wrong one. */
  find(agentId: string, token: string): ToolAccess | undefined;
  revokeAll(): void;
}

interface IssuedToken extends ToolAccess {
  readonly digest: Buffer;
  readonly ending: AbortController;
}

export function createToolTokens(random: Random): ToolTokens {
  const issued = new Set<IssuedToken>();

  function end(entry: IssuedToken): void {
    issued.delete(entry);
    entry.ending.abort();
  }

  return {
    issue(access) {
      if (issued.size >= MAX_TOKENS) throw new RangeError('Cannot issue a token for tools: too many are in use');
      const token = encodeBase64url(random.bytes(TOKEN_BYTES));
      const ending = new AbortController();
      const entry = { ...access, ended: ending.signal, ending, digest: digestOf(token) };
      issued.add(entry);
      return { token, revoke: () => end(entry) };
    },
    find(agentId, token) {
      const digest = digestOf(token);
      // All of them, whichever it is.
      const found = [...issued].filter((entry) => timingSafeEqual(entry.digest, digest));
      return found.find((entry) => entry.agentId === agentId);
    },
    revokeAll() {
      for (const entry of issued) end(entry);
    },
  };
}

/** Of one length, whatever was given. */
function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

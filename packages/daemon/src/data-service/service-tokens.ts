// Who may read which history: one random token for each agent, for one run of the daemon. Nothing of it is on disk.
// spec: daemon-and-cli D-45
import { createHash, timingSafeEqual } from 'node:crypto';
import { encodeBase64url, type Random } from '@puffo/base';

const TOKEN_BYTES = 32;

export interface ServiceTokens {
  /** The same one until it is revoked. Secret: for the tools of this agent. */
  issue(agentId: string): string;
  /** When the agent is archived or deleted. */
  revoke(agentId: string): void;
  /** In the same time for every wrong token. */
  isValid(agentId: string, token: string): boolean;
}

export function createServiceTokens(random: Random): ServiceTokens {
  const tokens = new Map<string, string>();
  const nobodys = makeToken(random);
  return {
    issue(agentId) {
      const known = tokens.get(agentId);
      if (known !== undefined) return known;
      const token = makeToken(random);
      tokens.set(agentId, token);
      return token;
    },
    revoke(agentId) {
      tokens.delete(agentId);
    },
    isValid(agentId, token) {
      const known = tokens.get(agentId);
      return timingSafeEqual(hash(token), hash(known ?? nobodys)) && known !== undefined;
    },
  };
}

function makeToken(random: Random): string {
  return encodeBase64url(random.bytes(TOKEN_BYTES));
}

/** Of one length, whatever was given. */
function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

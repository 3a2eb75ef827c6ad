// Which envelopes this process has seen: each is handed over once, and acknowledged as often as the server asks.
// spec: wire-protocol 6.9, 10.6
import type { EnvelopeId } from '@puffo/protocol';

/** Beyond these the caller's own record says what was committed. */
const REMEMBERED = 20_000;

export interface Ledger {
  /** Neither acknowledged nor forgotten. */
  readonly inFlight: ReadonlySet<EnvelopeId>;
  stateOf(envelopeId: EnvelopeId): 'new' | 'in-flight' | 'acknowledged';
  /** A new one is in flight from here on. */
  admit(envelopeId: EnvelopeId): 'admitted' | 'in-flight' | 'acknowledged';
  acknowledge(envelopeId: EnvelopeId): void;
  /** It may come again. */
  forget(envelopeId: EnvelopeId): void;
  /** Whether no other envelope has it. Claimed by a message that is proven, never by one that only says so. */
  isReplayKeyFree(replayKey: string, envelopeId: EnvelopeId): boolean;
  claimReplayKey(replayKey: string, envelopeId: EnvelopeId): void;
}

export function createLedger(remembered = REMEMBERED): Ledger {
  const inFlight = new Set<EnvelopeId>();
  const acknowledged = new Set<EnvelopeId>();
  const owners = new Map<string, EnvelopeId>();
  const replayKeys = new Map<EnvelopeId, string>();

  function stateOf(envelopeId: EnvelopeId): 'new' | 'in-flight' | 'acknowledged' {
    if (inFlight.has(envelopeId)) return 'in-flight';
    return acknowledged.has(envelopeId) ? 'acknowledged' : 'new';
  }

  function release(envelopeId: EnvelopeId): void {
    const replayKey = replayKeys.get(envelopeId);
    replayKeys.delete(envelopeId);
    if (replayKey !== undefined) owners.delete(replayKey);
  }

  return {
    inFlight,
    stateOf,
    admit(envelopeId) {
      const state = stateOf(envelopeId);
      if (state !== 'new') return state;
      inFlight.add(envelopeId);
      return 'admitted';
    },
    acknowledge(envelopeId) {
      inFlight.delete(envelopeId);
      acknowledged.delete(envelopeId);
      acknowledged.add(envelopeId);
      if (acknowledged.size <= remembered) return;
      for (const oldest of acknowledged) {
        acknowledged.delete(oldest);
        release(oldest);
        return;
      }
    },
    forget(envelopeId) {
      inFlight.delete(envelopeId);
      release(envelopeId);
    },
    isReplayKeyFree: (replayKey, envelopeId) => (owners.get(replayKey) ?? envelopeId) === envelopeId,
    claimReplayKey(replayKey, envelopeId) {
      owners.set(replayKey, envelopeId);
      replayKeys.set(envelopeId, replayKey);
    },
  };
}

// What an agent's status becomes and what others see of it. spec: wire-protocol 9.27, 9.28, 11
import { type AgentState, type BodyOf, type EndpointNamed, LIMITS } from '@puffo/protocol';
import type { ServerSchema } from '../db/schema.ts';

export type StatusRow = ServerSchema['agent_status'];
export type Heartbeat = BodyOf<EndpointNamed<'sendHeartbeat'>>;

/** Seconds until a heartbeat is accepted again: counted from any write, so one right after a run is refused. */
export function heartbeatWaitSeconds(
  previous: Pick<StatusRow, 'last_write_at'> | undefined,
  now: number,
): number | undefined {
  if (previous === undefined) return undefined;
  const waitMs = previous.last_write_at + LIMITS.heartbeatIntervalMs - now;
  return waitMs > 0 ? waitMs / 1000 : undefined;
}

/** An error that is repeated without its text keeps the text. spec: wire-protocol 11.2 */
export function statusAfterHeartbeat(
  previous: StatusRow | undefined,
  { slug, heartbeat, now }: { readonly slug: string; readonly heartbeat: Heartbeat; readonly now: number },
): StatusRow {
  const { status, current_message_id: messageId, error_text: errorText } = heartbeat;
  return {
    slug,
    status,
    current_message_id: status === 'busy' ? (messageId ?? null) : null,
    error_text: status === 'error' ? (errorText ?? previous?.error_text ?? null) : null,
    last_write_at: now,
    last_heartbeat_at: now,
  };
}

/** `offline` is never stored: it is a last write that is long ago, or none. */
export function visibleState(row: StatusRow | undefined, now: number): AgentState {
  if (row === undefined || now - row.last_write_at > LIMITS.offlineAfterMs) return 'offline';
  // Only what `statusAfterHeartbeat` and runs write.
  return row.status as AgentState;
}

import type { JsonObject, JsonValue } from '@puffo/base';
import type { AgentSummary, RuntimeSummary } from '@puffo/daemon/status';

export function summaryToJson(agent: AgentSummary): JsonObject {
  if (agent.kind === 'broken') return { id: agent.id, error: agent.problem };
  const { id, displayName, state, runtime } = agent;
  return { id, display_name: displayName, state, runtime: runtimeToJson(runtime) };
}

/** Names as in `runtime.json`. */
export function runtimeToJson(runtime: RuntimeSummary | undefined): JsonValue {
  if (runtime === undefined) return null;
  return {
    status: runtime.status,
    recorded_status: runtime.recordedStatus,
    health: runtime.health,
    msg_count: runtime.msgCount,
    uptime_seconds: runtime.uptimeSeconds ?? null,
    last_event_at: runtime.lastEventAt,
    updated_at: runtime.updatedAt,
    error: runtime.error,
    phase: runtime.phase ?? null,
    connected_at: runtime.connectedAt ?? null,
    last_error_at: runtime.lastErrorAt ?? null,
    next_retry_at: runtime.nextRetryAt ?? null,
    messages_waiting: runtime.messagesWaiting ?? null,
    messages_failed: runtime.messagesFailed ?? null,
    tokens_today: runtime.tokensToday ?? null,
    last_turn: runtime.lastTurn === undefined ? null : { outcome: runtime.lastTurn.outcome, at: runtime.lastTurn.at },
  };
}

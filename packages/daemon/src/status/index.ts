// What `status` and `agent list` show; light to load, because people and scripts ask often.
export { type AgentSummary, listAgents, showStatus, type Status } from '../operations/list-agents.ts';
export type { RuntimeSummary } from '../operations/runtime-summary.ts';

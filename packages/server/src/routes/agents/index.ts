// Reports of agents. Registration and revocation are accounts.
import type { Route } from '../define-route.ts';
import { endRun } from './end-run.ts';
import { endRuns } from './end-runs.ts';
import { getAgentStatus } from './get-agent-status.ts';
import { listRuns } from './list-runs.ts';
import { sendHeartbeat } from './send-heartbeat.ts';
import { startRun } from './start-run.ts';

export const AGENT_ROUTES: readonly Route[] = [sendHeartbeat, getAgentStatus, startRun, endRun, endRuns, listRuns];

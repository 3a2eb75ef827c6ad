// Agents: made and ended by their operator, and reporting how they are. spec: wire-protocol 9.5, 9.6, 11
import { isJsonObject } from '@puffo/base';
import * as z from 'zod';
import { LIMITS } from '../limits.ts';
import { absentable, okAnswer, openEnum } from './answer-fields.ts';
import type { EndpointDefinition } from './endpoint.ts';
import {
  deviceIdField,
  envelopeIdField,
  errorTextField,
  jsonObjectField,
  opaqueField,
  slugField,
  timeField,
  usernameField,
} from './fields.ts';

const registerAgentBody = z.object({
  username: usernameField,
  identity_cert: jsonObjectField,
  device_cert: jsonObjectField,
  attestation: jsonObjectField,
});

/** Without a token the agent is registered already. spec: wire-protocol 4.11 */
const registerAgentAnswer = z.object({
  agent_slug: slugField,
  agent_device_id: deviceIdField,
  pending_token: absentable(opaqueField),
  pending_expires_at: absentable(timeField),
});

/** The revocation, bare or wrapped: which one production expects is not known. spec: wire-protocol 4.13 */
const revokeAgentBody = jsonObjectField.transform((body) => {
  const wrapped = body['operator_revocation'];
  return isJsonObject(wrapped) ? wrapped : body;
});

/**
 * `current_message_id` belongs to `busy` and `error_text` to `error`; elsewhere they say nothing. The newer members
 * `machine_id`, `runtime` and `health` have no known shape and are passed over. spec: wire-protocol 9.27
 */
const heartbeatBody = z.object({
  status: z.enum(['idle', 'busy', 'error', 'paused', 'archived']),
  current_message_id: absentable(envelopeIdField),
  error_text: absentable(errorTextField),
});

export type AgentState = 'idle' | 'busy' | 'error' | 'offline' | 'paused' | 'archived';

const agentStatusAnswer = z.object({
  slug: slugField,
  status: openEnum<AgentState>(),
  current_message_id: absentable(envelopeIdField),
  error_text: absentable(z.string()),
  last_heartbeat_at: absentable(timeField),
});

export type AgentStatus = z.output<typeof agentStatusAnswer>;

export const AGENT_ENDPOINTS = [
  {
    name: 'registerAgent',
    method: 'POST',
    path: '/agents',
    auth: 'subkey',
    spec: '9.5',
    status: 201,
    maxBodyBytes: LIMITS.jsonBodyBytes,
    body: registerAgentBody,
    answer: registerAgentAnswer,
  },
  {
    name: 'revokeAgent',
    method: 'POST',
    path: '/agents/{slug}/operator/revoke',
    auth: 'subkey',
    spec: '9.6',
    status: 200,
    maxBodyBytes: LIMITS.jsonBodyBytes,
    params: z.object({ slug: slugField }),
    body: revokeAgentBody,
    answer: okAnswer,
  },
  {
    name: 'sendHeartbeat',
    method: 'POST',
    path: '/agents/me/heartbeat',
    auth: 'subkey',
    spec: '9.27',
    status: 200,
    maxBodyBytes: LIMITS.jsonBodyBytes,
    body: heartbeatBody,
    answer: okAnswer,
  },
  {
    name: 'getAgentStatus',
    method: 'GET',
    path: '/agents/{slug}/status',
    auth: 'subkey',
    spec: '9.28',
    status: 200,
    maxBodyBytes: 0,
    params: z.object({ slug: slugField }),
    answer: agentStatusAnswer,
  },
] as const satisfies readonly EndpointDefinition[];

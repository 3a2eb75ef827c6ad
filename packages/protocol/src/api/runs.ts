// Processing runs: which agent works on which message. spec: wire-protocol 9.29, 9.30, 11.3
import * as z from 'zod';
import { LIMITS } from '../limits.ts';
import { absentable, okAnswer, readableList } from './answer-fields.ts';
import type { EndpointDefinition } from './endpoint.ts';
import { envelopeIdField, errorTextField, listField, runIdField, slugField, timeField } from './fields.ts';

const messageParams = z.object({ envelope_id: envelopeIdField });

const startRunBody = z.object({ run_id: runIdField });

const endRunBody = z.object({
  run_id: runIdField,
  succeeded: z.boolean(),
  error_text: absentable(errorTextField),
});

/** Runs whose start was lost are created closed. spec: wire-protocol 14.1 */
const endRunsBody = z.object({
  runs: listField(endRunBody.extend({ message_id: envelopeIdField }), LIMITS.runsPerBatch),
});

const runEntry = z.object({
  run_id: runIdField,
  agent_slug: slugField,
  started_at: timeField,
  ended_at: absentable(timeField),
  succeeded: absentable(z.boolean()),
  error_text: absentable(z.string()),
});

export type RunEntry = z.output<typeof runEntry>;

export const RUN_ENDPOINTS = [
  {
    name: 'startRun',
    method: 'POST',
    path: '/messages/{envelope_id}/processing/start',
    auth: 'subkey',
    spec: '9.29',
    status: 200,
    maxBodyBytes: LIMITS.jsonBodyBytes,
    params: messageParams,
    body: startRunBody,
    answer: okAnswer,
  },
  {
    name: 'endRun',
    method: 'POST',
    path: '/messages/{envelope_id}/processing/end',
    auth: 'subkey',
    spec: '9.29',
    status: 200,
    maxBodyBytes: LIMITS.jsonBodyBytes,
    params: messageParams,
    body: endRunBody,
    answer: okAnswer,
  },
  {
    name: 'endRuns',
    method: 'POST',
    path: '/messages/processing/end:batch',
    auth: 'subkey',
    spec: '14.1',
    status: 200,
    maxBodyBytes: LIMITS.jsonBodyBytes,
    body: endRunsBody,
    answer: okAnswer,
  },
  {
    name: 'listRuns',
    method: 'GET',
    path: '/messages/{envelope_id}/processing',
    auth: 'subkey',
    spec: '9.30',
    status: 200,
    maxBodyBytes: 0,
    params: messageParams,
    answer: z.object({ runs: readableList(runEntry) }),
  },
] as const satisfies readonly EndpointDefinition[];

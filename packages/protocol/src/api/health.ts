import * as z from 'zod';
import { absentable } from './answer-fields.ts';
import type { EndpointDefinition } from './endpoint.ts';
import { timeField } from './fields.ts';

/** `time` tells a client how far its clock is off. spec: wire-protocol 9.31 */
const healthAnswer = z.object({
  ok: z.literal(true),
  version: absentable(z.string()),
  time: absentable(timeField),
});

export const HEALTH_ENDPOINTS = [
  {
    name: 'getHealth',
    method: 'GET',
    path: '/health',
    auth: 'none',
    spec: '9.31',
    status: 200,
    maxBodyBytes: 0,
    answer: healthAnswer,
  },
] as const satisfies readonly EndpointDefinition[];

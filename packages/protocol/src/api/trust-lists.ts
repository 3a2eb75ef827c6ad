// Whose direct messages an identity wants, and whose it does not. spec: wire-protocol 14.3
import * as z from 'zod';
import { LIMITS } from '../limits.ts';
import { okAnswer, openEnum, readableList } from './answer-fields.ts';
import type { EndpointDefinition } from './endpoint.ts';
import { listField, slugField } from './fields.ts';

const allowEntry = z.object({ peer_slug: slugField });

/** `id` is a slug where `target` is `user`; readers pass over other targets. */
const blockEntry = z.object({ target: openEnum<'user'>(), id: z.string() });

export const TRUST_LIST_ENDPOINTS = [
  {
    name: 'listAllowed',
    method: 'GET',
    path: '/allowlists',
    auth: 'subkey',
    spec: '14.3',
    status: 200,
    maxBodyBytes: 0,
    answer: z.object({ entries: readableList(allowEntry) }),
  },
  {
    name: 'allow',
    method: 'POST',
    path: '/allowlists',
    auth: 'subkey',
    spec: '14.3',
    status: 200,
    maxBodyBytes: LIMITS.jsonBodyBytes,
    body: z.object({ slugs: listField(slugField, LIMITS.slugsPerRequest) }),
    answer: okAnswer,
  },
  {
    name: 'listBlocked',
    method: 'GET',
    path: '/blocklists',
    auth: 'subkey',
    spec: '14.3',
    status: 200,
    maxBodyBytes: 0,
    answer: z.object({ blocks: readableList(blockEntry) }),
  },
  {
    name: 'block',
    method: 'POST',
    path: '/blocklists',
    auth: 'subkey',
    spec: '14.3',
    status: 200,
    maxBodyBytes: LIMITS.jsonBodyBytes,
    body: z.object({ target: z.literal('user'), id: slugField }),
    answer: okAnswer,
  },
  {
    name: 'unblock',
    method: 'DELETE',
    path: '/blocklists',
    auth: 'subkey',
    spec: '14.3',
    status: 204,
    maxBodyBytes: LIMITS.jsonBodyBytes,
    body: z.object({ id: slugField }),
    answer: okAnswer,
  },
] as const satisfies readonly EndpointDefinition[];

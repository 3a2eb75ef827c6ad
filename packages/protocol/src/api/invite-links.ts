// Links that invite whoever holds them. The specification names the routes and the three events; of the answers and of
// the bodies of redeem and revoke nothing is known, so answers are handed on unread. spec: wire-protocol 14.5
import * as z from 'zod';
import { LIMITS } from '../limits.ts';
import type { EndpointDefinition } from './endpoint.ts';
import { jsonObjectField, opaqueField, spaceIdField } from './fields.ts';

/** The event is one of the `*_invite_capability` kinds. */
const inviteLinkBody = z.object({ event: jsonObjectField });

export const INVITE_LINK_ENDPOINTS = [
  {
    name: 'createInviteLink',
    method: 'POST',
    path: '/v2/invitations/links',
    auth: 'subkey',
    spec: '14.5',
    status: 201,
    maxBodyBytes: LIMITS.jsonBodyBytes,
    body: inviteLinkBody,
    answer: jsonObjectField,
  },
  {
    name: 'listInviteLinks',
    method: 'GET',
    path: '/v2/invitations/links',
    auth: 'subkey',
    spec: '14.5',
    status: 200,
    maxBodyBytes: 0,
    query: z.object({ space_id: spaceIdField, after: opaqueField.optional() }),
    answer: jsonObjectField,
  },
  {
    name: 'getInviteLink',
    method: 'GET',
    path: '/v2/invitations/links/{code}',
    auth: 'subkey',
    spec: '14.5',
    status: 200,
    maxBodyBytes: 0,
    params: z.object({ code: opaqueField }),
    answer: jsonObjectField,
  },
  {
    name: 'redeemInviteLink',
    method: 'POST',
    path: '/v2/invitations/links/redeem',
    auth: 'subkey',
    spec: '14.5',
    status: 200,
    maxBodyBytes: LIMITS.jsonBodyBytes,
    body: inviteLinkBody,
    answer: jsonObjectField,
  },
  {
    name: 'revokeInviteLink',
    method: 'POST',
    path: '/v2/invitations/links/revoke',
    auth: 'subkey',
    spec: '14.5',
    status: 200,
    maxBodyBytes: LIMITS.jsonBodyBytes,
    body: inviteLinkBody,
    answer: jsonObjectField,
  },
] as const satisfies readonly EndpointDefinition[];

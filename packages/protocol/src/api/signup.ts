// A person becomes an identity: the invite code of the server's operator, then the registration that a slug binding
// completes. spec: wire-protocol 4.10
import * as z from 'zod';
import { LIMITS } from '../limits.ts';
import type { EndpointDefinition } from './endpoint.ts';
import {
  avatarUrlField,
  deviceIdField,
  jsonObjectField,
  opaqueField,
  slugField,
  textField,
  usernameField,
} from './fields.ts';

const inviteCodeAnswer = z.object({ code: z.string(), available: z.boolean() });

const signUpBody = z.object({
  invite_code: opaqueField,
  username: usernameField,
  display_name: textField(LIMITS.nameCharacters).optional(),
  avatar_url: avatarUrlField.optional(),
  identity_cert: jsonObjectField,
  device_cert: jsonObjectField,
});

const signUpAnswer = z.object({ slug: slugField, device_id: deviceIdField, pending_token: opaqueField });

export const SIGNUP_ENDPOINTS = [
  {
    name: 'checkInviteCode',
    method: 'GET',
    path: '/invites/{code}/check',
    auth: 'none',
    spec: '9.2',
    status: 200,
    maxBodyBytes: 0,
    params: z.object({ code: opaqueField }),
    answer: inviteCodeAnswer,
  },
  {
    name: 'signUp',
    method: 'POST',
    path: '/signup',
    auth: 'none',
    spec: '9.3',
    status: 201,
    maxBodyBytes: LIMITS.jsonBodyBytes,
    body: signUpBody,
    answer: signUpAnswer,
  },
] as const satisfies readonly EndpointDefinition[];

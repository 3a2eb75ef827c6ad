// Keys of an identity: subkeys, further devices and the end of a device. spec: wire-protocol 4.12, 4.13
import * as z from 'zod';
import { LIMITS } from '../limits.ts';
import { absentable, okAnswer, openEnum } from './answer-fields.ts';
import type { EndpointDefinition } from './endpoint.ts';
import {
  deviceIdField,
  jsonObjectField,
  longNonceField,
  opaqueField,
  publicKeyField,
  seqField,
  subkeyIdField,
} from './fields.ts';

const registerSubkeyBody = z.object({ subkey_cert: jsonObjectField });

/** 0.7.2 reads none of it, so a server may answer with less. spec: wire-protocol 9.7 */
const registerSubkeyAnswer = okAnswer.extend({
  subkey_id: absentable(subkeyIdField),
  seq: absentable(seqField),
});

const startEnrolmentBody = z.object({
  nonce: longNonceField,
  device_signing_public_key: publicKeyField,
  device_kem_public_key: publicKeyField,
  /** For people to compare: the first eight characters of both keys with two dots between. */
  fingerprint: opaqueField,
});

const enrolmentBundle = z.object({
  device_cert: jsonObjectField,
  root_key_envelope: jsonObjectField,
  slug_binding: jsonObjectField,
  identity_cert: jsonObjectField,
  /** Unsigned and informative. */
  identity_profile: absentable(jsonObjectField),
});

const getEnrolmentAnswer = z
  .object({ status: openEnum<'pending' | 'complete'>(), bundle: absentable(enrolmentBundle) })
  .refine(({ status, bundle }) => status !== 'complete' || bundle !== undefined, {
    path: ['bundle'],
    error: 'an object once the status is complete',
  });

const enrolmentParams = z.object({ nonce: longNonceField });

export type EnrolmentBundle = z.output<typeof enrolmentBundle>;

export const DEVICE_ENDPOINTS = [
  {
    name: 'registerSubkey',
    method: 'POST',
    path: '/devices/subkeys',
    auth: 'device-or-subkey',
    spec: '9.7',
    status: 200,
    maxBodyBytes: LIMITS.jsonBodyBytes,
    body: registerSubkeyBody,
    answer: registerSubkeyAnswer,
  },
  {
    name: 'revokeDevice',
    method: 'POST',
    path: '/devices/{device_id}/revoke',
    auth: 'subkey',
    spec: '9.8',
    status: 200,
    maxBodyBytes: LIMITS.jsonBodyBytes,
    params: z.object({ device_id: deviceIdField }),
    body: jsonObjectField,
    answer: okAnswer,
  },
  {
    name: 'startEnrolment',
    method: 'POST',
    path: '/devices/enroll/init',
    auth: 'none',
    spec: '9.9',
    status: 200,
    maxBodyBytes: LIMITS.jsonBodyBytes,
    body: startEnrolmentBody,
    answer: okAnswer,
  },
  {
    name: 'completeEnrolment',
    method: 'POST',
    path: '/devices/enroll/{nonce}/complete',
    auth: 'subkey',
    spec: '9.9',
    status: 200,
    maxBodyBytes: LIMITS.jsonBodyBytes,
    params: enrolmentParams,
    body: enrolmentBundle,
    answer: okAnswer,
  },
  {
    name: 'getEnrolment',
    method: 'GET',
    path: '/devices/enroll/{nonce}',
    auth: 'none',
    spec: '9.9',
    status: 200,
    maxBodyBytes: 0,
    params: enrolmentParams,
    answer: getEnrolmentAnswer,
  },
] as const satisfies readonly EndpointDefinition[];

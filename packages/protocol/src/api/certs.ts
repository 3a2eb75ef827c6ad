// The certificate log: what finishes a registration, and what everybody reads. spec: wire-protocol 9.4, 9.10
import * as z from 'zod';
import { isDeviceId, isSlug, isSubkeyId } from '../ids.ts';
import { LIMITS } from '../limits.ts';
import { absentable, okAnswer, openEnum, readableList } from './answer-fields.ts';
import type { EndpointDefinition } from './endpoint.ts';
import { jsonObjectField, opaqueField, seqField, slugField } from './fields.ts';
import { countQuery, idListQuery, pageSizeQuery } from './query-fields.ts';

export type CertKind =
  | 'identity_cert'
  | 'slug_binding'
  | 'device_cert'
  | 'subkey_cert'
  | 'device_revocation'
  | 'operator_attestation'
  | 'operator_revocation';

/** Also pushed in the frame `cert_update`. Readers pass over kinds they do not know. */
export const certEntry = z.object({
  seq: seqField,
  kind: openEnum<CertKind>(),
  slug: absentable(slugField),
  cert: jsonObjectField,
});

const bindSlugBody = z.object({ pending_token: opaqueField, slug_binding: jsonObjectField });

const syncCertsQuery = z.object({
  slugs: idListQuery(isSlug).optional(),
  subkey_ids: idListQuery(isSubkeyId).optional(),
  device_ids: idListQuery(isDeviceId).optional(),
  since: countQuery.optional(),
  limit: pageSizeQuery.optional(),
  cursor: opaqueField.optional(),
});

/** Readers go on from the last `seq` while `has_more`, and stop when a page does not advance it. */
const syncCertsAnswer = z.object({
  entries: readableList(certEntry),
  has_more: z.boolean(),
  next_cursor: absentable(z.string()),
});

export type CertEntry = z.output<typeof certEntry>;

export const CERT_ENDPOINTS = [
  {
    name: 'bindSlug',
    method: 'POST',
    path: '/certs/slug_binding',
    auth: 'none',
    spec: '9.4',
    status: 201,
    maxBodyBytes: LIMITS.jsonBodyBytes,
    body: bindSlugBody,
    answer: okAnswer,
  },
  {
    name: 'syncCerts',
    method: 'GET',
    path: '/certs/sync',
    auth: 'subkey',
    spec: '9.10',
    status: 200,
    maxBodyBytes: 0,
    query: syncCertsQuery,
    answer: syncCertsAnswer,
  },
] as const satisfies readonly EndpointDefinition[];

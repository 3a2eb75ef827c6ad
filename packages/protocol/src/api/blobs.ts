// Opaque bytes: sealed attachments and plain avatars. spec: wire-protocol 9.25, 9.26
import * as z from 'zod';
import { LIMITS } from '../limits.ts';
import { absentable } from './answer-fields.ts';
import type { EndpointDefinition } from './endpoint.ts';
import { blobIdField, countField, opaqueField, timeField } from './fields.ts';

const uploadBlobAnswer = z.object({
  blob_id: blobIdField,
  size_bytes: absentable(countField),
  uploaded_at: absentable(timeField),
});

export const BLOB_ENDPOINTS = [
  {
    name: 'uploadBlob',
    method: 'POST',
    path: '/blobs/upload',
    auth: 'subkey',
    spec: '9.25',
    status: 201,
    maxBodyBytes: LIMITS.blobBytes,
    /** The same id from the same caller names the same blob. spec: wire-protocol 14.7 */
    query: z.object({ transaction_id: opaqueField.optional() }),
    body: 'bytes',
    answer: uploadBlobAnswer,
  },
  {
    name: 'getBlob',
    method: 'GET',
    path: '/blobs/{blob_id}',
    auth: 'subkey',
    spec: '9.26',
    status: 200,
    maxBodyBytes: 0,
    params: z.object({ blob_id: blobIdField }),
    answer: 'bytes',
  },
] as const satisfies readonly EndpointDefinition[];

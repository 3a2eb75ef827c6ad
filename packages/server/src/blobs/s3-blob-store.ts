// Blobs in an S3-compatible store, addressed by path: `endpoint/bucket/blob`. Requests are tried a few times and never
// wait for ever.
import { setTimeout as sleep } from 'node:timers/promises';
import { type BlobId, LIMITS } from '@puffo/protocol';
import { AwsClient } from 'aws4fetch';
import type { BlobStoreSettings } from '../config/settings.ts';
import type { BlobStore } from './blob-store.ts';

const MAX_ATTEMPTS = 4;
const FIRST_WAIT_MS = 100;
const REQUEST_TIMEOUT_MS = 30_000;

export type S3Settings = Extract<BlobStoreSettings, { readonly kind: 's3' }>;

interface S3Request {
  readonly method: 'GET' | 'PUT' | 'DELETE';
  readonly blobId: BlobId;
  readonly body?: Uint8Array;
}

export function openS3BlobStore(settings: S3Settings): BlobStore {
  const { accessKeyId, secretAccessKey, region } = settings;
  const client = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3', retries: 0 });
  function send(request: S3Request): Promise<S3Answer> {
    return sendRepeatedly(client, { settings, request });
  }
  return {
    async put(blobId, body) {
      const { status } = await send({ method: 'PUT', blobId, body });
      if (status >= 300) throw refused('store', status);
    },
    async get(blobId) {
      const { status, bytes } = await send({ method: 'GET', blobId });
      if (status === 404) return undefined;
      if (status >= 300) throw refused('read', status);
      return bytes;
    },
    async delete(blobId) {
      const { status } = await send({ method: 'DELETE', blobId });
      if (status >= 300 && status !== 404) throw refused('delete', status);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

interface S3Answer {
  readonly status: number;
  readonly bytes: Uint8Array;
}

interface Sending {
  readonly settings: S3Settings;
  readonly request: S3Request;
}

/** Each request may be repeated: storing, reading and deleting under one name are idempotent. */
async function sendRepeatedly(client: AwsClient, sending: Sending): Promise<S3Answer> {
  for (let attempt = 1; ; attempt++) {
    try {
      const answer = await sendOnce(client, sending);
      if (attempt === MAX_ATTEMPTS || !isTransient(answer.status)) return answer;
    } catch (cause) {
      // The connection broke or the time is over; what fetch says may name the endpoint, never a key.
      if (attempt === MAX_ATTEMPTS) throw new Error('Cannot reach the blob store', { cause });
    }
    await sleep(FIRST_WAIT_MS * 2 ** (attempt - 1));
  }
}

async function sendOnce(client: AwsClient, { settings, request }: Sending): Promise<S3Answer> {
  const { method, blobId, body } = request;
  const url = `${settings.endpoint.replace(/\/+$/, '')}/${settings.bucket}/${encodeURIComponent(blobId)}`;
  const response = await client.fetch(url, {
    method,
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    ...(body === undefined ? {} : { body: new Uint8Array(body) }),
  });
  const { status } = response;
  if (method !== 'GET' || status >= 300) {
    await response.body?.cancel();
    return { status, bytes: new Uint8Array(0) };
  }
  if (Number(response.headers.get('content-length') ?? 0) > LIMITS.blobBytes) {
    await response.body?.cancel();
    throw new Error('Cannot read blob: it is larger than any that was stored');
  }
  return { status, bytes: new Uint8Array(await response.arrayBuffer()) };
}

function isTransient(status: number): boolean {
  return status >= 500 || status === 429;
}

function refused(what: string, status: number): Error {
  return new Error(`Cannot ${what} blob: the store answered ${status}`);
}

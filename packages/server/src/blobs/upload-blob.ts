// Bytes first, then the row that makes them readable. spec: wire-protocol 9.25, 14.7
import { createBlobId, LIMITS, type Slug } from '@puffo/protocol';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import { type BlobRow, findUpload, insertBlob } from './blob-rows.ts';

export interface BlobToUpload {
  readonly owner: Slug;
  readonly bytes: Uint8Array;
  /** Names this upload of this owner, so that a repetition gets the same blob. */
  readonly transactionId: string | undefined;
}

export async function uploadBlob(context: ServerContext, upload: BlobToUpload): Promise<BlobRow> {
  const { owner, bytes, transactionId } = upload;
  if (bytes.length === 0) throw new ServerError('INVALID_PAYLOAD', 'Cannot store blob: it is empty');
  if (bytes.length > LIMITS.blobBytes) throw new ServerError('FILE_TOO_LARGE', 'Cannot store blob: it is too large');
  const known = await findKnown(context, upload);
  if (known !== undefined) return known;
  const blob_id = createBlobId(context.random);
  await context.blobs.put(blob_id, bytes);
  const row = {
    blob_id,
    owner_slug: owner,
    size: bytes.length,
    transaction_id: transactionId ?? null,
    created_at: context.now(),
  };
  const isNew = await context.database.write((transaction) => insertBlob(transaction, row));
  if (isNew) return row;
  await context.blobs.delete(blob_id);
  return (await findKnown(context, upload)) ?? row;
}

async function findKnown(
  { database }: ServerContext,
  { owner, transactionId }: BlobToUpload,
): Promise<BlobRow | undefined> {
  return transactionId === undefined ? undefined : findUpload(database.db, { owner, transactionId });
}

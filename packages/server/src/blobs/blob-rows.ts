// What the tables know of blobs; their bytes are in the blob store.
import type { BlobId, Slug } from '@puffo/protocol';
import type { Kysely, Transaction } from 'kysely';
import type { ServerSchema } from '../db/schema.ts';

export interface BlobRow extends BlobsTable {
  readonly blob_id: BlobId;
}

type BlobsTable = ServerSchema['blobs'];

export interface Upload {
  readonly owner: Slug;
  readonly transactionId: string;
}

export async function findUpload(
  db: Kysely<ServerSchema>,
  { owner, transactionId }: Upload,
): Promise<BlobRow | undefined> {
  const row = await db
    .selectFrom('blobs')
    .where('owner_slug', '=', owner)
    .where('transaction_id', '=', transactionId)
    .selectAll()
    .executeTakeFirst();
  return row === undefined ? undefined : { ...row, blob_id: row.blob_id as BlobId };
}

/** Whether it was new: the same upload may have been made at the same time. */
export async function insertBlob(transaction: Transaction<ServerSchema>, row: BlobRow): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await transaction
    .insertInto('blobs')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}

export async function hasBlob(db: Kysely<ServerSchema>, blobId: BlobId): Promise<boolean> {
  const row = await db.selectFrom('blobs').where('blob_id', '=', blobId).select('blob_id').executeTakeFirst();
  return row !== undefined;
}

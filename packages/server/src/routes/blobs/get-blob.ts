// Any identity of this server may read any blob whose id it knows. Avatars are no exception: a client that shows one
// fetches it signed. spec: wire-protocol 9.26, 14.1
import { hasBlob } from '../../blobs/blob-rows.ts';
import { ServerError } from '../../errors.ts';
import { defineRoute } from '../define-route.ts';

export const getBlob = defineRoute('getBlob', async ({ context, params }) => {
  const { blob_id: blobId } = params;
  const bytes = (await hasBlob(context.database.db, blobId)) ? await context.blobs.get(blobId) : undefined;
  if (bytes === undefined) throw new ServerError('BLOB_NOT_FOUND', 'There is no such blob, or not yet');
  return bytes;
});

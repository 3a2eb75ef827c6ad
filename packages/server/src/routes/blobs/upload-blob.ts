// spec: wire-protocol 9.25
import { uploadBlob as upload } from '../../blobs/upload-blob.ts';
import { defineRoute } from '../define-route.ts';

export const uploadBlob = defineRoute('uploadBlob', async ({ context, body, query, caller }) => {
  const { blob_id, size, created_at } = await upload(context, {
    owner: caller.slug,
    bytes: body,
    transactionId: query.transaction_id,
  });
  return { blob_id, size_bytes: size, uploaded_at: created_at };
});

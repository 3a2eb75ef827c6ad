import type { BlobId } from '@puffo/protocol';

/** Where the bytes of blobs are. Ids are made by us and safe as one path segment. */
export interface BlobStore extends AsyncDisposable {
  /** Resolves when the bytes are durable and readable. At most `LIMITS.blobBytes`. */
  put(blobId: BlobId, bytes: Uint8Array): Promise<void>;
  /** `undefined`: there is no such blob. */
  get(blobId: BlobId): Promise<Uint8Array | undefined>;
  /** Deleting what is not there is no error. */
  delete(blobId: BlobId): Promise<void>;
}

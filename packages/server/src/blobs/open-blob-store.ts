import type { BlobStoreSettings } from '../config/settings.ts';
import type { BlobStore } from './blob-store.ts';
import { openDiskBlobStore } from './disk-blob-store.ts';
import { openS3BlobStore } from './s3-blob-store.ts';

export async function openBlobStore(settings: BlobStoreSettings): Promise<BlobStore> {
  return settings.kind === 'disk' ? openDiskBlobStore(settings.folder) : openS3BlobStore(settings);
}

import type { Route } from '../define-route.ts';
import { getBlob } from './get-blob.ts';
import { uploadBlob } from './upload-blob.ts';

export const BLOB_ROUTES: readonly Route[] = [uploadBlob, getBlob];

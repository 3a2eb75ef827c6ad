import { isJsonObject, safeParseJson } from '@puffo/base';

/** Says what a backup holds; the last entry of the file. */
export interface Manifest {
  readonly format: 1;
  /** Of the server that wrote it. */
  readonly version: string;
  readonly createdAt: number;
  readonly blobs: number;
  /** SHA-256, hexadecimal, of everything in the file before the manifest. */
  readonly digest: string;
}

/** `undefined`: not one that this version understands. */
export function parseManifest(bytes: Uint8Array): Manifest | undefined {
  const result = safeParseJson(Buffer.from(bytes).toString('utf8'), {
    maxLength: bytes.length,
    maxDepth: 2,
    integers: 'safe',
  });
  if (result.kind !== 'value' || !isJsonObject(result.value)) return undefined;
  const { format, version, createdAt, blobs, digest } = result.value;
  if (format !== 1 || typeof version !== 'string' || typeof createdAt !== 'number') return undefined;
  return typeof blobs === 'number' && typeof digest === 'string'
    ? { format, version, createdAt, blobs, digest }
    : undefined;
}

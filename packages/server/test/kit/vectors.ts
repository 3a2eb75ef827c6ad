// The vector files, as far as a server is driven by them.
import { readFileSync } from 'node:fs';

interface SignedRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body_hex: string;
}

interface DirectoryEntry {
  readonly signer_id: string;
  readonly kind: 'device' | 'subkey';
  readonly slug: string;
  readonly device_id: string;
  readonly public_key: string;
  readonly expires_at: number | null;
  readonly device_revoked_from: number | null;
}

export interface PolicyFile {
  readonly directory: readonly DirectoryEntry[];
  readonly vectors: readonly {
    readonly name: string;
    readonly now_ms: number;
    readonly requests: readonly SignedRequest[];
    readonly expected: readonly ('accept' | 'reject')[];
  }[];
}

interface FlowRequest {
  readonly method: string;
  readonly path: string;
  readonly body_utf8: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface FlowFile {
  readonly vectors: readonly {
    readonly name: string;
    readonly steps: readonly {
      readonly request: FlowRequest;
      readonly response: { readonly status: number; readonly body: Readonly<Record<string, unknown>> };
    }[];
  }[];
}

export interface KeysFile {
  readonly space_id: string;
  readonly channel_id: string;
  readonly vectors: readonly {
    readonly slug: string;
    readonly devices: readonly {
      readonly device_id: string;
      readonly subkey_id: string;
      readonly subkey_secret_key: string;
    }[];
  }[];
}

export function readVectors<File>(name: string): File {
  return JSON.parse(readFileSync(new URL(`../../../../vectors/${name}`, import.meta.url), 'utf8')) as File;
}

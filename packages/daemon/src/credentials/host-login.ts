// The login of the user as it is now. Never changed by us: only the vendor's program writes it. spec: runtimes 5.4
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { isJsonObject, type JsonObject, safeParseJson } from '@puffo/base';
import { HostError } from '@puffo/host/files';
import { readPrivateFile } from '@puffo/host';
import type { Login } from './login.ts';

const MAX_BYTES = 1024 * 1024;
const MAX_DEPTH = 32;

export type HostLogin =
  | { readonly kind: 'missing' }
  /** Somebody is writing it, or it is no login. */
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'there'; readonly value: JsonObject; readonly fingerprint: string };

export function hostFileOf({ file }: Login, homeFolder: string): string {
  return join(homeFolder, ...file.split('/'));
}

export async function readHostLogin(login: Login, homeFolder: string): Promise<HostLogin> {
  let text: string | undefined;
  try {
    text = (await readPrivateFile(hostFileOf(login, homeFolder), { maxBytes: MAX_BYTES, isForeign: true }))?.text;
  } catch (error) {
    if (error instanceof HostError || (error instanceof Error && 'syscall' in error)) return { kind: 'unreadable' };
    throw error;
  }
  if (text === undefined) return { kind: 'missing' };
  const parsed = safeParseJson(text, { maxLength: MAX_BYTES, maxDepth: MAX_DEPTH, integers: 'any' });
  if (parsed.kind !== 'value' || !isJsonObject(parsed.value)) return { kind: 'unreadable' };
  const fingerprint = createHash('sha256').update(text).digest('base64url');
  return { kind: 'there', value: parsed.value, fingerprint };
}

// spec: daemon-and-cli 2.9, 4.7
import { isJsonObject, safeParseJson } from '@puffo/base';

const TIMEOUT_MS = 5000;
const MAX_BYTES = 256 * 1024;

/** Asks whoever knows of releases; fails, or waits as long as `signal` lets it. */
export type VersionChannel = (signal: AbortSignal) => Promise<string>;

export interface UpdateCheck {
  /** `undefined`: nobody could say. */
  readonly latest: string | undefined;
  readonly isBehind: boolean;
}

/** Never fails: not to know is an answer. `channel` absent: this build was not told where releases are. */
export async function checkUpdate(installed: string, channel: VersionChannel | undefined): Promise<UpdateCheck> {
  if (channel === undefined) return { latest: undefined, isBehind: false };
  try {
    const latest = (await channel(AbortSignal.timeout(TIMEOUT_MS))).replace(/^v/, '');
    return { latest, isBehind: isOlder(installed, latest) };
  } catch {
    // Offline, blocked, or an answer that makes no sense.
    return { latest: undefined, isBehind: false };
  }
}

/** Part by part, each reduced to the digits that it begins with. */
export function isOlder(version: string, than: string): boolean {
  const a = partsOf(version);
  const b = partsOf(than);
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

function partsOf(version: string): readonly number[] {
  return version
    .replace(/^v/, '')
    .split('.')
    .map((part) => Number(/^\d{1,9}/.exec(part)?.[0] ?? 0));
}

/** An address that answers with JSON that has `tag_name` or `version`, as release lists and package registries do. */
export function createHttpChannel(address: string): VersionChannel {
  return async (signal) => {
    const response = await fetch(address, { signal, headers: { accept: 'application/json' } });
    const text = await readBounded(response);
    const result = safeParseJson(text, { maxLength: MAX_BYTES, maxDepth: 16, integers: 'any' });
    const value = result.kind === 'value' && isJsonObject(result.value) ? result.value : {};
    const version = value['tag_name'] ?? value['version'];
    if (response.ok && typeof version === 'string' && /^v?\d[\w.+-]{0,60}$/.test(version)) return version;
    throw new Error(`Cannot tell the latest version: ${new URL(address).host} names none`);
  };
}

async function readBounded({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new Error('Cannot tell the latest version: the answer is too long');
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

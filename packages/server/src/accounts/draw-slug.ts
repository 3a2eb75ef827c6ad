import type { Random } from '@puffo/base';
import { parseSlug, type Slug } from '@puffo/protocol';

const SUFFIX_BYTES = 2;

/**
 * The name and four hex digits. Takes 2 random bytes and nothing else, `3d 3d` for `alice-3d3d`: a test that needs a
 * certain slug answers `bytes(2)` with them. spec: wire-protocol 1.2
 */
export function drawSlug(random: Random, username: string): Slug {
  const suffix = Array.from(random.bytes(SUFFIX_BYTES), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return parseSlug(`${username}-${suffix}`);
}

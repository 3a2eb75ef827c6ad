import { ClientError, type Directory } from '@puffo/client';
import type { Slug } from '@puffo/protocol';
import type { Names } from './shown-message.ts';

/** Display names for what is shown. Without a server they are missing, and the slugs are enough. */
export async function findNames(directory: Directory, slugs: readonly Slug[]): Promise<Names> {
  try {
    const profiles = await directory.getProfiles([...new Set(slugs)]);
    return new Map(Array.from(profiles, ([slug, { display_name }]) => [slug, display_name ?? ''] as const));
  } catch (error) {
    if (error instanceof ClientError) return new Map();
    throw error;
  }
}

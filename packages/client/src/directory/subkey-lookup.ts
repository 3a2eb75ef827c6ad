// Who signed with a subkey: from what is known if that is fresh, else after asking the server. Not known is said only when
// the server was asked and gave everything. spec: wire-protocol 6.7, 9.10
import { type Clock, createSingleFlight } from '@puffo/base';
import type { Slug, SubkeyId, VerifiedSubkey } from '@puffo/protocol';
import { ClientError } from '../client-error.ts';
import { createBoundedMap } from './bounded-map.ts';
import type { CertCache } from './cert-cache.ts';
import type { CertSync } from './cert-sync.ts';
import { isWithin } from './freshness.ts';
import type { RootTrust } from './root-trust.ts';

const MISS_MS = 5000;
/** How often a slug is read from its start because something that should be there is not. */
const READ_AGAIN_MS = 10 * 60_000;
const MAX_REMEMBERED = 10_000;

export interface SubkeyLookup {
  find(slug: Slug, subkeyId: SubkeyId): Promise<VerifiedSubkey | undefined>;
}

export interface SubkeyLookupOptions {
  readonly certs: CertCache;
  readonly sync: CertSync;
  readonly trust: RootTrust;
  readonly clock: Clock;
}

export function createSubkeyLookup({ certs, sync, trust, clock }: SubkeyLookupOptions): SubkeyLookup {
  const lookups = createSingleFlight<string>();
  const misses = createBoundedMap<string, number>(MAX_REMEMBERED);
  const readAgainAt = createBoundedMap<Slug, number>(MAX_REMEMBERED);

  async function find(slug: Slug, subkeyId: SubkeyId): Promise<VerifiedSubkey | undefined> {
    const known = await findVerified(slug, subkeyId);
    if (known !== undefined && (await sync.isFresh(slug))) return known;
    if (known === undefined && isRecent(misses.get(keyOf(slug, subkeyId)), MISS_MS)) return undefined;
    // Somebody may be asking about this slug already, but perhaps since before the subkey was there.
    await sync.settled(slug);
    const arrived = await findVerified(slug, subkeyId);
    if (arrived !== undefined && (await sync.isFresh(slug))) return arrived;
    return askFor(slug, subkeyId);
  }

  async function askFor(slug: Slug, subkeyId: SubkeyId): Promise<VerifiedSubkey | undefined> {
    const found = await readAndFind(slug, { subkeyId, fromStart: false });
    if (found !== undefined) return found;
    const foundAgain = await findFromStart(slug, subkeyId);
    if (foundAgain === undefined) misses.set(keyOf(slug, subkeyId), clock());
    return foundAgain;
  }

  /** Where a server was set back or numbered wrongly, entries may lie before the point from which they are asked for. */
  async function findFromStart(slug: Slug, subkeyId: SubkeyId): Promise<VerifiedSubkey | undefined> {
    const { syncedThrough } = await certs.get(slug);
    if (syncedThrough === 0 || isRecent(readAgainAt.get(slug), READ_AGAIN_MS)) return undefined;
    readAgainAt.set(slug, clock());
    return readAndFind(slug, { subkeyId, fromStart: true });
  }

  /** A list that does not end is good as far as it came. */
  async function readAndFind(
    slug: Slug,
    { subkeyId, fromStart }: { readonly subkeyId: SubkeyId; readonly fromStart: boolean },
  ): Promise<VerifiedSubkey | undefined> {
    let failure: ClientError | undefined;
    try {
      await sync.read(slug, { fromStart });
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      if (error.code !== 'no-progress') throw asRetryable(error);
      failure = error;
    }
    const found = await findVerified(slug, subkeyId);
    if (found === undefined && failure !== undefined) throw failure;
    return found;
  }

  async function findVerified(slug: Slug, subkeyId: SubkeyId): Promise<VerifiedSubkey | undefined> {
    for (const rootPublicKey of await trust.listRoots(slug, await certs.get(slug))) {
      const subkey = await certs.findSubkey(slug, { subkeyId, rootPublicKey });
      if (subkey !== undefined) return subkey;
    }
    return undefined;
  }

  function isRecent(at: number | undefined, ageMs: number): boolean {
    return at !== undefined && isWithin(ageMs, { at, now: clock() });
  }

  return { find: (slug, subkeyId) => lookups.run(keyOf(slug, subkeyId), () => find(slug, subkeyId)) };
}

function keyOf(slug: Slug, subkeyId: SubkeyId): string {
  return `${slug} ${subkeyId}`;
}

/** What a server answers wrongly today says nothing about the message that waits for the answer. */
function asRetryable(error: ClientError): ClientError {
  const { message, code, status, apiCode, apiField, retryAfterMs, fields } = error;
  if (error.retryable || code === 'closed' || code === 'aborted' || code === 'store-failed') return error;
  const options = { code, retryable: true, cause: error, fields, apiCode, apiField, retryAfterMs };
  return new ClientError(message, status === undefined ? options : { ...options, status });
}

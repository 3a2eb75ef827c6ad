import { LIMITS, type Slug } from '@puffo/protocol';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import { addPeers, listKnownSlugs, listPeers, type TrustList } from './trust-list-store.ts';

export interface Extension {
  readonly list: TrustList;
  readonly slug: Slug;
  readonly peers: readonly Slug[];
}

/** Adds the peers that are identities of this server, and returns them. Adding one again changes nothing. */
export async function extendTrustList(context: ServerContext, extension: Extension): Promise<readonly Slug[]> {
  const { list, slug } = extension;
  const now = context.now();
  return context.database.write(async (transaction) => {
    const peers = await listKnownSlugs(transaction, extension.peers);
    const all = new Set([...(await listPeers(transaction, { list, slug })), ...peers]);
    if (all.size > LIMITS.trustListEntries) {
      throw new ServerError('CONFLICT', `Cannot add to the list: it may have ${LIMITS.trustListEntries} entries`);
    }
    await addPeers(transaction, { list, slug, peers, now });
    return peers;
  });
}

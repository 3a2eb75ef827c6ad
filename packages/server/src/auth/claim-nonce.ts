import type { NonceClaim } from '@puffo/protocol';
import type { Database, Slots } from '@puffo/sql';
import { prepareOneRowQuery } from '../db/prepare-query.ts';
import type { ServerSchema } from '../db/schema.ts';

/**
 * Records a nonce in the database, so that it holds over a restart and on every node. Not worth waiting for the disk: only
 * a loss of power within the window of five minutes could bring a nonce back. spec: wire-protocol 5.6 step 7
 */
export function createClaimNonce(database: Database<ServerSchema>): (claim: NonceClaim) => Promise<boolean> {
  return async (claim) => (await database.commitOne((db) => insertNonce(db, claim))).rows.length === 1;
}

const insertNonce = prepareOneRowQuery((db, slot: Slots<NonceClaim>) =>
  db
    .insertInto('used_nonces')
    .values({ signer_id: slot('signerId'), nonce: slot('nonce'), forget_at: slot('keepUntil') })
    .onConflict((conflict) => conflict.doNothing())
    .returning('nonce'),
);

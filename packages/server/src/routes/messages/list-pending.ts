// spec: wire-protocol 9.23
import { streamPending } from '../../messages/pending.ts';
import { readLastSeq } from '../../messages/posting-store.ts';
import { defineRoute, JsonStream } from '../define-route.ts';

export const listPending = defineRoute('listPending', async ({ context, query, caller }) => {
  const { deviceId } = caller;
  const { db } = context.database;
  const isComplete = query.kind === undefined && query.sender === undefined;
  const throughSeq = isComplete ? await readLastSeq(db) : 0;
  const stream = streamPending(db, { deviceId, filter: query });
  // Only what was read to its end spares the sockets of this device the same messages.
  if (isComplete) stream.once('end', () => context.hub.fetched(deviceId, throughSeq));
  return new JsonStream(stream);
});

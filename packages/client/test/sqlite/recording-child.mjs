// Another process that records message after message, and reports each when it is recorded. Runs until it is killed.
import { systemClock, systemRandom } from '@puffo/base';
import { openClientDatabase } from '@puffo/client/sqlite';
import { createChannelId, createEnvelopeId, createSpaceId } from '@puffo/protocol';

const [path, ownSlug] = process.argv.slice(2);
const database = await openClientDatabase(path, { ownSlug, clock: systemClock });
const route = { kind: 'channel', spaceId: createSpaceId(systemRandom), channelId: createChannelId(systemRandom) };

await Promise.all(Array.from({ length: 8 }, recordForEver));

async function recordForEver() {
  for (;;) {
    const batch = Array.from({ length: 3 }, createInbound);
    const added = await database.messages.record(batch);
    process.stdout.write(added.map((envelopeId) => `${envelopeId}\n`).join(''));
  }
}

function createInbound() {
  const envelopeId = createEnvelopeId(systemRandom);
  const message = {
    envelopeId,
    senderSlug: 'alice-0002',
    route,
    sentAt: systemClock(),
    threadRootId: null,
    replyToId: null,
    contentType: 'text/plain',
    content: `content of ${envelopeId}`,
    isVisibleToHuman: true,
    replayKey: `alice-0002/${envelopeId}`,
  };
  return { kind: 'message', envelopeId, seq: undefined, envelope: {}, message };
}

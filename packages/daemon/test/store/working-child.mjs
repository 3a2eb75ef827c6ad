// Another process that records, answers and settles turn after turn, and reports what is on disk. Runs until it is killed.
import { systemClock, systemRandom } from '@puffo/base';
import { openAgentStore } from '@puffo/daemon';

const [path, firstText] = process.argv.slice(2);
const store = await openAgentStore(path, { clock: systemClock, random: systemRandom });
const conversation = { kind: 'channel', spaceId: 'sp_home', channelId: 'ch_general' };

for (let seq = Number(firstText); ; seq += 2) {
  const ids = [`msg_${seq}`, `msg_${seq + 1}`];
  await store.record([arrivalOf(seq), arrivalOf(seq + 1)]);
  for (const id of ids) process.stdout.write(`recorded ${id}\n`);
  const turn = await store.beginTurn(ids);
  const outcomes = ids.map((envelopeId) => ({ envelopeId, state: 'answered' }));
  await store.settleTurn(turn.turnId, { state: 'done', outcomes, replies: [replyOf(ids)] });
  for (const id of ids) process.stdout.write(`answered ${id}\n`);
}

function arrivalOf(seq) {
  const message = {
    envelopeId: `msg_${seq}`,
    seq,
    conversation,
    threadRootId: null,
    senderSlug: 'alice-3d3d',
    senderType: 'human',
    isFromOperator: false,
    text: `text ${seq}`,
    sentAt: systemClock(),
  };
  return { message, attachments: [], replayKey: `replay ${seq}`, admission: { kind: 'turn', band: 1 } };
}

function replyOf(ids) {
  return {
    route: { kind: 'channel', spaceId: 'sp_home', channelId: 'ch_general' },
    contentType: 'text/plain',
    content: ids,
    threadRootId: null,
    replyToId: null,
    isVisibleToHuman: true,
  };
}

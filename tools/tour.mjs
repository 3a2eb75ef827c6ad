// What `npm start` shows until there is a daemon to start: the protocol at work, with real keys and no network.
import { createWrapPool, openEnvelope, sealEnvelope, verifyMessage } from '@puffo/protocol';
import { systemRandom } from '@puffo/base';
import { createMember } from './tour/member.mjs';

const CHANNEL = {
  kind: 'channel',
  spaceId: 'sp_00000000-0000-4000-8000-000000000001',
  channelId: 'ch_00000000-0000-4000-8000-000000000001',
};

const alice = createMember('alice-3d3d');
const helper = createMember('helper-9a7c', alice);
const mallory = createMember('mallory-6b6b');
const wrapPool = createWrapPool({ threads: 0 });

console.log('\npuffo: agents as end-to-end-encrypted members of a chat\n');
console.log(
  `  1. ${alice.slug} (a person) and ${helper.slug} (her agent) each make a root key, a device and a subkey.`,
);
console.log(`     ${helper.slug} carries an attestation by ${alice.slug}, so anybody can check whose agent it is.`);

const { envelope } = await sealEnvelope(
  {
    signer: helper.signer,
    route: CHANNEL,
    sentAt: Date.now(),
    contentType: 'text/plain',
    content: 'Hello Alice, nobody but you can read this.',
    recipients: [alice.recipient, helper.recipient],
  },
  { random: systemRandom, wrapPool },
);
const size = JSON.stringify(envelope.object).length;
console.log(
  `  2. ${helper.slug} seals a message for 2 devices: ${size} bytes, of which a server can read the addresses only.`,
);

const opened = openEnvelope(envelope, alice.device);
const message = judge(opened.kind === 'valid' ? opened.value : undefined, helper);
console.log(`  3. ${alice.slug} opens it and proves who wrote it: ${JSON.stringify(message.content)}`);

const stolen = openEnvelope(envelope, { ...mallory.device, deviceId: alice.device.deviceId });
console.log(`  4. ${mallory.slug} tries to read the copy for ${alice.slug}: refused (${stolen.reason}).`);

const forged = verifyMessage(opened.value, { ...readerFor(helper), signer: mallory.signerChain });
console.log(`  5. A server claims that ${mallory.slug} wrote it: refused (${forged.reason}).`);

console.log(`
Built so far: the protocol library, the chat server and the command line client. The daemon and the web client
follow; \`npm start\` will then end in a conversation with an agent.

  npx puffo-server start      run a chat server on this machine
  npx puffo-cli --help        sign up there, and chat from a terminal
  npm test                    run every test
  npm run bench -- protocol   measure the library on this machine
  README.md                   what this is, and where to read on
`);

function judge(unverified, sender) {
  const verdict = verifyMessage(unverified, readerFor(sender));
  if (verdict.kind !== 'verified') throw new Error(`Cannot finish the tour: the message is ${verdict.kind}`);
  return verdict.message;
}

function readerFor(sender) {
  return { signer: sender.signerChain, pinnedRoot: sender.rootPin, ownSlug: alice.slug, hasSeen: () => false };
}

import { createCloser } from '@puffo/base';
import { LIMITS, readMessageContent } from '@puffo/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { completeEnrolment } from '../../src/accounts/complete-enrolment.ts';
import { listDevices, revokeDevice } from '../../src/accounts/devices.ts';
import { startEnrolment, waitForEnrolment } from '../../src/accounts/enrol-device.ts';
import type { Client } from '../../src/open-client.ts';
import { context, meet, readPending, type RealServer, startRealServer } from './people.ts';

const closer = createCloser();
let server: RealServer;
beforeAll(async () => {
  server = closer.use(await startRealServer());
});
afterAll(() => closer[Symbol.asyncDispose]());

async function pair(): Promise<{ alice: Client; bob: Client }> {
  return { alice: await server.signUp('alice'), bob: await server.signUp('bob') };
}

function text(content: string) {
  return { contentType: 'text/plain', content };
}

/** A second device of the same person, vouched for by the first. */
async function enrol(client: Client): Promise<Client> {
  const { platform, url: serverUrl } = server;
  const started = await startEnrolment({ platform, context, serverUrl });
  expect(await completeEnrolment(client, started.code)).toBe(started.deviceId);
  const { keys, rootKey } = await waitForEnrolment(started);
  expect(rootKey.publicKey).toBe(client.session.keys.rootKey.verifyKey.publicKey);
  return server.open(keys);
}

describe('two people on a real server', () => {
  it('meet in a space and talk in a channel, in order', async () => {
    const { alice, bob } = await pair();
    const route = await meet(alice, bob);
    const queued = [];
    for (const content of ['one', 'two', 'three']) queued.push(await alice.outbox.send({ route, ...text(content) }));
    const sent = await Promise.all(queued.map((message) => message.sent));
    const received = await readPending(bob);
    expect(received.map(({ content }) => content)).toEqual(['one', 'two', 'three']);
    expect(received.map(({ senderSlug }) => senderSlug)).toEqual([alice.slug, alice.slug, alice.slug]);
    const seqs = sent.map(({ seq }) => seq ?? 0);
    expect([...seqs].sort((left, right) => left - right)).toEqual(seqs);
    expect((await readPending(alice)).length).toBe(3);
  });

  it('write to each other directly, also to themselves', async () => {
    const { alice, bob } = await pair();
    for (const recipientSlug of [bob.slug, alice.slug]) {
      const { sent } = await alice.outbox.send({ route: { kind: 'dm', recipientSlug }, ...text(`@${recipientSlug}`) });
      await sent;
    }
    const [toBob] = await readPending(bob);
    expect(toBob?.content).toBe(`@${bob.slug}`);
    expect(await readPending(alice)).toHaveLength(2);
  });

  it('exchange files, which the server cannot read', async () => {
    const { alice, bob } = await pair();
    const bytes = context.random.bytes(100_000);
    const files = [
      { filename: 'plan.bin', mimeType: 'application/octet-stream', bytes },
      { filename: 'größe.txt', mimeType: '', bytes: new Uint8Array(0) },
    ];
    const prepared = await alice.attachments.prepareMessage({ text: 'look', files });
    const { sent } = await alice.outbox.send({ route: { kind: 'dm', recipientSlug: bob.slug }, ...prepared });
    await sent;
    const [message] = await readPending(bob);
    const content = readMessageContent(message?.contentType ?? '', message?.content ?? null);
    if (content.kind !== 'attachments') throw new Error(content.kind);
    const found = [];
    for await (const file of bob.attachments.downloadFiles(content.attachments)) found.push(file);
    expect(found.map((file) => (file.kind === 'file' ? file.bytes : file.code))).toEqual([bytes, new Uint8Array(0)]);
  });

  it('send a file of the largest size', async () => {
    const alice = await server.signUp('alice');
    const bytes = new Uint8Array(LIMITS.fileBytes).fill(7);
    const attachment = await alice.attachments.uploadFile({ filename: 'big', mimeType: '', bytes });
    const back = await alice.attachments.downloadFile({ ...attachment, form: 'attachment' });
    expect(back.length).toBe(bytes.length);
  });

  it('reach somebody who joined a moment ago', async () => {
    const { alice, bob } = await pair();
    const carol = await server.signUp('carol');
    const route = await meet(alice, bob);
    await (
      await alice.outbox.send({ route, ...text('before') })
    ).sent;
    await alice.invites.inviteToSpace({ spaceId: route.spaceId, slug: carol.slug, channelIds: [route.channelId] });
    const [invite] = await carol.invites.listInvites();
    await carol.invites.acceptInvite(invite!);
    await (
      await alice.outbox.send({ route, ...text('after') })
    ).sent;
    await expect.poll(() => readContents(carol)).toEqual(['after']);
  });

  it('see each other live, and what happens in their spaces', async () => {
    const { alice, bob } = await pair();
    const route = await meet(alice, bob);
    const { connection, mailbox } = bob.openLive();
    const frames: string[] = [];
    bob.onFrame(({ type }) => frames.push(type));
    expect(() => bob.openLive()).toThrow('connected already');
    await expect.poll(() => connection.state).toBe('open');
    const { envelopeId, sent } = await alice.outbox.send({ route, ...text('live') });
    await sent;
    for await (const inbound of mailbox.inbound) {
      expect(inbound).toMatchObject({ kind: 'message', envelopeId });
      mailbox.acknowledge([inbound.envelopeId]);
      break;
    }
    await alice.channels.createChannel({ spaceId: route.spaceId, name: 'later', isPublic: true });
    await expect.poll(() => frames).toContain('event');
    expect(await bob.places.findChannel('Team/later')).toMatchObject({ spaceId: route.spaceId, channelName: 'later' });
  });

  it('find channels by their names, rename them and leave', async () => {
    const { alice, bob } = await pair();
    const route = await meet(alice, bob);
    expect(await bob.places.findChannel('#plans')).toMatchObject({ spaceName: 'Team', channelId: route.channelId });
    await alice.channels.renameChannel(route, 'ideas');
    await alice.spaces.renameSpace(route.spaceId, 'Crew');
    expect((await bob.channels.listChannels(route.spaceId)).map(({ name }) => name)).toContain('ideas');
    const members = await bob.channels.listChannelMembers(route);
    expect(members.map(({ slug }) => slug).sort()).toEqual([alice.slug, bob.slug].sort());
    const kinds = [];
    for await (const { kind } of alice.spaces.readSpaceLog(route.spaceId)) kinds.push(kind);
    expect(kinds).toContain('accept_space_invite');
    await bob.channels.leaveChannel(route);
    await bob.spaces.leaveSpace(route.spaceId);
    expect(await bob.spaces.listSpaces()).toEqual([]);
    expect((await alice.spaces.listSpaceMembers(route.spaceId)).map(({ slug }) => slug)).toEqual([alice.slug]);
  });

  it('say no to an invitation, or take it back', async () => {
    const { alice, bob } = await pair();
    const spaceId = await alice.spaces.createSpace({ name: 'Team' });
    await alice.invites.inviteToSpace({ spaceId, slug: bob.slug });
    const [received] = await bob.invites.listInvites();
    await bob.invites.rejectInvite(received!);
    await alice.invites.inviteToSpace({ spaceId, slug: bob.slug });
    const [sent] = await alice.invites.listInvites('sent');
    await alice.invites.cancelInvite(sent!);
    expect(await bob.invites.listInvites()).toEqual([]);
    expect(await bob.spaces.listSpaces()).toEqual([]);
  });

  it('are told what does not exist', async () => {
    const { alice, bob } = await pair();
    const nobody = { kind: 'dm', recipientSlug: 'nobody-0000' } as never;
    await expect((await alice.outbox.send({ route: nobody, ...text('?') })).sent).rejects.toMatchObject({
      code: 'unknown-person',
    });
    const route = await meet(bob, await server.signUp('carol'));
    await expect((await alice.outbox.send({ route, ...text('?') })).sent).rejects.toMatchObject({ code: 'refused' });
  });
});

describe('a further device', () => {
  it('gets the messages of its person, those sent to devices that a sender did not know of included', async () => {
    const { alice, bob } = await pair();
    const dm = { kind: 'dm', recipientSlug: bob.slug } as const;
    await (
      await alice.outbox.send({ route: dm, ...text('before') })
    ).sent;
    const phone = await enrol(bob);
    const { envelopeId, sent } = await alice.outbox.send({ route: dm, ...text('after') });
    await sent;
    await expect.poll(() => readContents(phone)).toContain('after');
    const contents = await readContents(bob);
    expect(contents).toEqual(['before', 'after']);
    expect(envelopeId).toMatch(/^msg_/);
  });

  it('speaks for its person, and can be sent away', async () => {
    const { alice, bob } = await pair();
    const phone = await enrol(bob);
    await (
      await phone.outbox.send({ route: { kind: 'dm', recipientSlug: alice.slug }, ...text('from the phone') })
    ).sent;
    expect(await readContents(alice)).toEqual(['from the phone']);
    expect((await listDevices(bob)).map(({ isThisDevice, isUsable }) => [isThisDevice, isUsable])).toEqual([
      [true, true],
      [false, true],
    ]);
    await revokeDevice(bob, phone.deviceId);
    expect((await listDevices(bob)).map(({ isUsable }) => isUsable)).toEqual([true, false]);
    await expect(phone.spaces.listSpaces()).rejects.toMatchObject({ code: 'unauthorized' });
    const route = { kind: 'dm', recipientSlug: bob.slug } as const;
    await (
      await alice.outbox.send({ route, ...text('only for one') })
    ).sent;
    expect(await readContents(bob)).toContain('only for one');
  });
});

async function readContents(client: Client): Promise<readonly unknown[]> {
  return (await readPending(client)).map(({ content }) => content);
}

// What a new user does, with the real programs: a server, two people on their machines, and an agent.
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '@puffo/base';
import { openClientDatabase } from '@puffo/client/sqlite';
import { parseSlug } from '@puffo/protocol';
import { startNetworkServer, waitFor } from '@puffo/testbed';
import { expect, test } from 'vitest';
import { createMachine, type Machine, startServerProgram } from './kit/programs.ts';

const MINUTES_MS = 5 * 60_000;
const FILE_BYTES = 5 * 1024 * 1024;
const PATIENCE = { timeoutMs: 60_000 };

interface Message {
  readonly id: string;
  readonly sender: string;
  readonly text: string;
  readonly thread_root_id: string | null;
  readonly attachments: readonly { readonly filename: string; readonly size: number }[];
}

async function signUp(machine: Machine, args: readonly string[]): Promise<string> {
  const { slug = '' } = await machine.ask('signup', ...args);
  return slug;
}

test(
  'two people and an agent sign up, make a space and a channel, invite, accept, write, send a file, and answer in a thread',
  async () => {
    await using server = await startServerProgram();
    await using alice = await createMachine();
    await using bob = await createMachine();
    const [codeOfAlice, codeOfBob] = [await server.createInviteCode(), await server.createInviteCode()];
    const at = ['--server', server.url];
    await signUp(alice, [...at, '--invite-code', codeOfAlice, '--username', 'alice', '--display-name', 'Alice A.']);
    const slugOfBob = await signUp(bob, [...at, '--invite-code', codeOfBob, '--username', 'bob']);
    const { slug: agent = '' } = await alice.ask('agent', 'register', 'helper', '--display-name', 'Helper');

    await alice.run('space', 'create', 'Garden club');
    await alice.run('channel', 'create', 'Garden club', 'tomatoes');
    for (const guest of [slugOfBob, agent]) {
      await alice.run('space', 'invite', 'Garden club', `@${guest}`, '--channel', 'tomatoes');
    }
    expect(await bob.run('invites', 'list')).toContain('Garden club');
    await bob.run('invites', 'accept', 'Garden club');
    await alice.run('invites', 'accept', 'Garden club', '--slug', agent);
    const members = await bob.ask<readonly { slug: string }[]>('channel', 'members', 'tomatoes');
    expect(members.map(({ slug }) => slug)).toEqual(expect.arrayContaining([slugOfBob, agent]));

    const file = randomBytes(FILE_BYTES);
    await writeFile(join(alice.home, 'plan.bin'), file);
    await alice.run('send', 'tomatoes', 'Who has seeds?');
    await alice.run('send', 'tomatoes', 'The plan', '--file', 'plan.bin');
    const [question, plan] = await bob.ask<readonly Message[]>('read', 'Garden club/tomatoes');
    expect(question).toMatchObject({ text: 'Who has seeds?', attachments: [] });
    expect(plan).toMatchObject({ text: 'The plan', attachments: [{ filename: 'plan.bin', size: FILE_BYTES }] });
    await bob.run('download', plan?.id ?? '', '--out', 'received');
    expect(file.equals(await readFile(join(bob.home, 'received', 'plan.bin')))).toBe(true);

    await bob.run('send', 'tomatoes', 'I do', '--thread', question?.id ?? '');
    await alice.run('send', 'tomatoes', 'I can help', '--thread', question?.id ?? '', '--slug', agent);
    const text = await alice.run('read', 'tomatoes');
    expect(text).toContain('Alice A. (@alice-');
    expect(text).toMatch(new RegExp(`@${slugOfBob} .*in thread ${question?.id}.*\\n +I do\\n`));
    const messages = await alice.ask<readonly Message[]>('read', 'tomatoes');
    expect(messages.map((message) => [message.sender, message.text, message.thread_root_id])).toContainEqual([
      agent,
      'I can help',
      question?.id,
    ]);
  },
  MINUTES_MS,
);

test(
  'tail and chat live in processes of their own, beside others of the same person',
  async () => {
    await using server = await startServerProgram();
    await using alice = await createMachine();
    await using bob = await createMachine();
    const at = ['--server', server.url];
    const codes = [await server.createInviteCode(), await server.createInviteCode()];
    const slugOfAlice = await signUp(alice, [...at, '--invite-code', codes[0] ?? '', '--username', 'alice']);
    const slugOfBob = await signUp(bob, [...at, '--invite-code', codes[1] ?? '', '--username', 'bob']);

    const tail = bob.start('tail', '--json');
    const chat = alice.start('chat', `@${slugOfBob}`);
    chat.type('hello from a pipe\n');
    await waitFor(() => tail.out().includes('hello from a pipe'), 'the line', PATIENCE);
    await Promise.all([
      bob.run('send', `@${slugOfAlice}`, 'one'),
      bob.run('send', `@${slugOfAlice}`, 'two'),
      alice.run('send', `@${slugOfBob}`, 'from beside the chat'),
    ]);
    await waitFor(() => /one[^]*two|two[^]*one/.test(chat.out()), 'both answers', PATIENCE);
    await waitFor(() => tail.out().includes('from beside the chat'), 'the message beside the chat', PATIENCE);
    chat.type('bye\n');
    chat.endInput();
    expect(await chat.ending).toBe(0);
    await waitFor(() => tail.out().includes('"bye"'), 'the last line', PATIENCE);
    tail.kill('SIGINT');
    expect(await tail.ending).toBe(0);
    const lines = tail.out().trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as Message).text).toSorted()).toEqual(
      ['bye', 'from beside the chat', 'hello from a pipe'].toSorted(),
    );
    const read = await alice.ask<readonly Message[]>('read', `@${slugOfBob}`);
    expect(read.map(({ text }) => text).toSorted()).toEqual(
      ['bye', 'from beside the chat', 'hello from a pipe', 'one', 'two'].toSorted(),
    );
  },
  MINUTES_MS,
);

test(
  'a message that was interrupted on its way goes with the next one',
  async () => {
    await using server = await startNetworkServer();
    await using alice = await createMachine();
    await using bob = await createMachine();
    const at = ['--server', server.url];
    const slugOfAlice = await signUp(alice, [...at, '--username', 'alice']);
    const slugOfBob = await signUp(bob, [...at, '--username', 'bob']);
    await server.stop();
    const interrupted = alice.start('send', `@${slugOfBob}`, 'early');
    await waitFor(() => hasQueued(alice, slugOfAlice), 'the message to be recorded', PATIENCE);
    interrupted.kill('SIGTERM');
    expect(await interrupted.ending).toBe(130);
    await server.start();
    await alice.run('send', `@${slugOfBob}`, 'late');
    const messages = await bob.ask<readonly Message[]>('read', `@${slugOfAlice}`);
    expect(messages.map(({ text }) => text)).toEqual(['early', 'late']);
    const own = await alice.ask<readonly Message[]>('read', `@${slugOfBob}`);
    expect(own.map(({ text }) => text)).toEqual(['early', 'late']);
  },
  MINUTES_MS,
);

async function hasQueued(machine: Machine, slug: string): Promise<boolean> {
  const path = join(machine.home, 'share', 'puffo', 'puffo-cli', `${slug}.db`);
  await using database = await openClientDatabase(path, { ownSlug: parseSlug(slug), clock: systemClock });
  return (await database.outbox.listQueued()).length > 0;
}

// People write, read and wait, at a real server.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { waitFor } from '@puffo/testbed';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPerson, createTestPeople, type TestPeople } from './kit/test-people.ts';

const ESCAPE = '\u001b';
let people: TestPeople;

beforeAll(async () => {
  people = await createTestPeople();
});

afterAll(() => people[Symbol.asyncDispose]());

interface Message {
  readonly id: string;
  readonly text: string;
  readonly sender: string;
  readonly thread_root_id: string | null;
}

describe('a message', () => {
  test('comes as it was written, with who wrote it, and stays where it was read', async () => {
    const { alice, bob } = people;
    const { id } = await alice.ask(['send', 'General', 'Hello “Bob”, it is\n5 °C']);
    const read = () => bob.ask<readonly Message[]>(['read', 'Club/General']);
    const [first] = (await read()).filter((message) => message.id === id);
    expect(first).toMatchObject({ text: 'Hello “Bob”, it is\n5 °C', sender: alice.slug, thread_root_id: null });
    expect((await read()).filter((message) => message.id === id)).toHaveLength(1);
    expect((await alice.ask<readonly Message[]>(['read', 'General'])).map((message) => message.id)).toContain(id);
  });

  test('to one person is read by that person, under the name of the other', async () => {
    const { alice, bob } = people;
    await alice.ask(['send', `@${bob.slug}`, 'just us']);
    await bob.ask(['send', `@${alice.slug}`, '-'], 'you and me\n');
    const texts = (await alice.ask<readonly Message[]>(['read', `@${bob.slug}`])).map(({ text }) => text);
    expect(texts).toEqual(['just us', 'you and me']);
  });

  test('cannot steer the terminal of its reader, and neither can a name', async () => {
    const { alice, server } = people;
    await using mallory = await createPerson(server, 'mallory', `${ESCAPE}[2JMallory\u202e`);
    await mallory.ask(['send', `@${alice.slug}`, `${ESCAPE}]0;owned\u0007 and ${ESCAPE}[2J\nmsg_ from nobody`]);
    const { out } = await alice.run(['read', `@${mallory.slug}`]);
    expect(out).not.toContain(ESCAPE);
    expect(out).toContain(`␛[2JMallory (@${mallory.slug})`);
    expect(out).toContain('    ␛]0;owned␇ and ␛[2J\n    msg_ from nobody');
  });

  test('answers in the thread of the first message, also when it answers an answer', async () => {
    const { alice, bob } = people;
    const { id: root = '' } = await alice.ask(['send', 'General', 'question']);
    await bob.ask(['read', 'General']);
    const { id: answer = '' } = await bob.ask(['send', 'General', 'answer', '--thread', root]);
    await alice.ask(['read', 'General']);
    await alice.ask(['send', 'General', 'thanks', '--thread', answer]);
    const messages = await bob.ask<readonly Message[]>(['read', 'General', '--limit', '2']);
    expect(messages.map((message) => [message.text, message.thread_root_id])).toEqual([
      ['answer', root],
      ['thanks', root],
    ]);
    const elsewhere = await bob.run(['send', `@${alice.slug}`, 'no', '--thread', root]);
    expect(elsewhere).toMatchObject({ exitCode: 1, out: '' });
    expect(elsewhere.problems).toContain('it was said in another conversation');
  });

  test('brings its files, and none of them takes the place of another file', async () => {
    const { alice, bob } = people;
    const folder = join(alice.home, 'sent');
    await mkdir(folder);
    await writeFile(join(folder, 'a.txt'), 'one');
    await mkdir(join(folder, 'b'));
    await writeFile(join(folder, 'b', 'a.txt'), 'two');
    const paths = ['--file', join(folder, 'a.txt'), '--file', join(folder, 'b', 'a.txt')];
    const { id = '' } = await alice.ask(['send', 'General', '', ...paths]);
    const out = join(bob.home, 'received');
    await bob.ask(['download', id, '--out', out]);
    await bob.ask(['download', id, '--out', out]);
    const names = (await readdir(out)).toSorted();
    expect(names).toEqual(['a (2).txt', 'a (3).txt', 'a (4).txt', 'a.txt']);
    const texts = await Promise.all(names.map((name) => readFile(join(out, name), 'utf8')));
    expect(texts.toSorted()).toEqual(['one', 'one', 'two', 'two']);
  });

  test('of two processes at once arrives, both of them', async () => {
    const { alice, bob } = people;
    const sent = await Promise.all(['x1', 'x2', 'x3'].map((text) => alice.ask(['send', 'General', text])));
    const reads = await Promise.all([1, 2, 3].map(() => bob.ask<readonly Message[]>(['read', 'General'])));
    for (const messages of reads.slice(-1)) {
      expect(messages.map(({ id }) => id)).toEqual(expect.arrayContaining(sent.map(({ id }) => id)));
    }
  });
});

describe('tail', () => {
  test('prints what comes, one JSON object per line, until it is stopped', async () => {
    const { alice, bob } = people;
    const tail = bob.start(['tail', 'General', '--json']);
    const { id: first } = await alice.ask(['send', 'General', 'first']);
    await waitFor(() => tail.out().includes(String(first)), 'the first message');
    const { id: second } = await alice.ask(['send', 'General', 'second']);
    await alice.ask(['send', `@${bob.slug}`, 'elsewhere']);
    const { id: third } = await alice.ask(['send', 'General', 'third']);
    await waitFor(() => tail.out().includes(String(third)), 'the third message');
    tail.stop();
    const { exitCode, out } = await tail.ending;
    expect(exitCode).toBe(0);
    const messages = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Message);
    expect(messages.map(({ id }) => id).filter((id) => [first, second, third].includes(id))).toEqual([
      first,
      second,
      third,
    ]);
    expect(messages.map(({ text }) => text)).not.toContain('elsewhere');
  });

  test('of everything says where it was said', async () => {
    const { alice, bob } = people;
    const tail = bob.start(['tail']);
    await alice.ask(['send', 'General', 'in public']);
    await alice.ask(['send', `@${bob.slug}`, 'in private']);
    await waitFor(() => tail.out().includes('in private') && tail.out().includes('in public'), 'both messages');
    tail.stop();
    const { out } = await tail.ending;
    expect(out).toMatch(/in Club\/General .*\n +in public/);
    expect(out).toMatch(new RegExp(`in @${alice.slug} .*\\n +in private`));
  });
});

describe('chat', () => {
  test('through pipes sends lines and prints messages, and ends with its input when all is sent', async () => {
    const { alice, bob } = people;
    const one = alice.start(['chat', 'General']);
    const other = bob.start(['chat', 'General']);
    one.type('shall we?\n');
    await waitFor(() => other.out().includes('shall we?'), 'the question');
    other.type('we shall\n//not a command\n/nonsense\n');
    await waitFor(() => one.out().includes('/not a command'), 'the answer');
    expect(one.out()).toContain('we shall');
    expect(other.problems()).toContain('there is no /nonsense, see /help');
    one.type('the last word');
    one.endInput();
    expect(await one.ending).toMatchObject({ exitCode: 0 });
    await waitFor(() => other.out().includes('the last word'), 'the last word');
    other.type('/who\n/quit\n');
    const { exitCode, out } = await other.ending;
    expect(exitCode).toBe(0);
    expect(out).toContain(`@${alice.slug}`);
  });

  test('at a terminal keeps what is being typed while messages arrive', async () => {
    const { alice, bob } = people;
    const chat = alice.start(['chat', `@${bob.slug}`], { isTerminal: true });
    await waitFor(() => chat.out().includes('> '), 'the prompt');
    chat.type('half a sen');
    await waitFor(() => chat.out().endsWith('half a sen'), 'the echo');
    await bob.ask(['send', `@${alice.slug}`, 'sorry to interrupt']);
    await waitFor(() => chat.out().includes('sorry to interrupt'), 'the message');
    await waitFor(
      () => chat.out().lastIndexOf('> half a sen') > chat.out().indexOf('sorry to interrupt'),
      'the prompt',
    );
    chat.type('tence\r');
    const ownMessage = new RegExp(`@${alice.slug}[^\\n]*\\n[^\\n]*half a sentence`);
    await waitFor(() => ownMessage.test(stripVTControlCharacters(chat.out())), 'what was said');
    chat.type('\u0004');
    expect(await chat.ending).toMatchObject({ exitCode: 0 });
    const messages = await bob.ask<readonly Message[]>(['read', `@${alice.slug}`, '--limit', '1']);
    expect(messages.map(({ text }) => text)).toEqual(['half a sentence']);
  });
});

describe('exit codes', () => {
  test('3 when nobody is signed in, or not as the one who was named', async () => {
    const { alice } = people;
    expect(await alice.run(['whoami', '--slug', 'nobody-0000'])).toEqual({
      exitCode: 3,
      out: '',
      problems: 'Cannot act as @nobody-0000: it is not on this machine, see puffo-cli identity list\n',
    });
  });

  test('4 when the server cannot be reached', async () => {
    const { alice } = people;
    const { exitCode, problems } = await alice.run(['space', 'list', '--server', 'http://127.0.0.1:1']);
    expect(exitCode).toBe(4);
    expect(problems).toContain('Cannot reach http://127.0.0.1:1');
    expect(problems.trim().split('\n')).toHaveLength(1);
  });

  test('5 when the server refuses', async () => {
    const { bob } = people;
    const { exitCode, problems } = await bob.run(['channel', 'create', 'Club', 'mine']);
    expect({ exitCode, problems }).toEqual({
      exitCode: 5,
      problems:
        'The server refused (403 FORBIDDEN): Cannot accept event create_channel: only the owner and admins of the space ' +
        'create channels; ask somebody who may do it\n',
    });
  });

  test('1 when what is named does not exist', async () => {
    const { bob } = people;
    const { exitCode, problems } = await bob.run(['read', 'nowhere']);
    expect(exitCode).toBe(1);
    expect(problems).toContain("Cannot find channel 'nowhere'");
  });
});

// What `status`, `agent list` and `agent show` tell of agents that live, from files alone. spec: daemon-and-cli 4.5, D-29
import { utimes, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { type AgentHome, createAgentHome } from './kit/agent-home.ts';
import { createX } from './kit/look-at-home.ts';

/** s */
const NOW = Math.floor(new Date(2026, 4, 10, 14, 0, 0).getTime() / 1000);

const RECORD = {
  status: 'running',
  started_at: NOW - 3600,
  updated_at: NOW - 3,
  msg_count: 12,
  last_event_at: NOW - 60,
  error: '',
  health: 'ok',
  phase: 'online',
  connected_at: NOW - 3500,
  messages_waiting: 2,
  messages_failed: 1,
  tokens_today: { input: 1200, output: 300 },
};

async function withRecord(record: object): Promise<AgentHome> {
  const home = await createAgentHome();
  await createX(home);
  await writeFile(home.in('agents', 'x', 'runtime.json'), JSON.stringify(record));
  await writeFile(home.in('daemon.pid'), '4711');
  await utimes(home.in('daemon.pid'), NOW - 7260, NOW - 7260);
  return home;
}

function look(home: AgentHome, args: readonly string[], { isAlive = true } = {}) {
  const readArguments = () => Promise.resolve(isAlive ? ['node', 'puffo-agent.mjs', 'start'] : undefined);
  return home.run(args, { world: { substitutes: { now: () => NOW * 1000, readArguments } } });
}

describe('status', () => {
  it('answers at a glance: since when, and each agent in one line', async () => {
    await using home = await withRecord(RECORD);
    expect((await look(home, ['status'])).out).toBe(
      [
        'daemon: running (pid=4711)',
        `home: ${home.home}`,
        'agents registered: 1',
        'up since: 2026-05-10 11:59:00 (2h1m)',
        '  - x  state=running  runtime=running  online  waiting=2  failed=1  tokens today=1200 in, 300 out',
        '',
      ].join('\n'),
    );
  });

  it('says the last error in plain words, and cleans it', async () => {
    const error = 'Cannot reach http://h: refused\u001b[2J';
    await using home = await withRecord({
      ...RECORD,
      phase: 'offline',
      messages_waiting: 0,
      messages_failed: 0,
      error,
    });
    const { out } = await look(home, ['status']);
    expect(out).toContain(
      'runtime=running  offline  tokens today=1200 in, 300 out  error: Cannot reach http://h: refused␛[2J\n',
    );
  });

  it('of an agent that 0.7.2 runs is as before', async () => {
    const { status, started_at, updated_at, msg_count, last_event_at, error, health } = RECORD;
    await using home = await withRecord({ status, started_at, updated_at, msg_count, last_event_at, error, health });
    expect((await look(home, ['status'])).out).toContain('\n  - x  state=running  runtime=running\n');
  });

  it('does not call somebody online whose daemon was killed, and counts no tokens of yesterday', async () => {
    const yesterday = NOW - 86_400;
    await using home = await withRecord({ ...RECORD, updated_at: yesterday });
    const { out } = await look(home, ['status'], { isAlive: false });
    expect(out).toContain('  - x  state=running  runtime=stale  waiting=2  failed=1\n');
    expect(out).not.toContain('up since');
    expect((await look(home, ['agent', 'show', 'x'], { isAlive: false })).out).toMatch(/^ {2}status: +stale$/m);
  });

  it('has everything as JSON', async () => {
    await using home = await withRecord({ ...RECORD, last_error_at: NOW - 100 });
    const { out } = await look(home, ['status', '--json']);
    expect(JSON.parse(out)).toMatchObject({
      daemon: { state: 'running', pid: 4711, up_since: NOW - 7260 },
      agents: [
        {
          id: 'x',
          runtime: {
            phase: 'online',
            connected_at: NOW - 3500,
            last_error_at: NOW - 100,
            next_retry_at: null,
            messages_waiting: 2,
            messages_failed: 1,
            tokens_today: { input: 1200, output: 300 },
          },
        },
      ],
    });
  });
});

describe('agent list and agent show', () => {
  it.each([
    ['empty_answer', 'neither used a tool nor said anything'],
    ['crashed', 'crashed: the program that runs the AI model ended unexpectedly'],
    ['cancelled', 'was cancelled: the agent was stopped'],
    ['of a later version\u001b[2J', 'of a later version␛[2J'],
  ])('say in plain words what came of the last turn: %s', async (outcome, words) => {
    await using home = await withRecord({ ...RECORD, last_turn: { outcome, at: NOW - 60 } });
    expect((await look(home, ['agent', 'show', 'x'])).out).toContain(
      `  last turn:     ${words} (2026-05-10 13:59:00)\n`,
    );
    const { status } = JSON.parse((await look(home, ['agent', 'show', 'x', '--json'])).out) as { status: object };
    expect(status).toMatchObject({ last_turn: { outcome, at: NOW - 60 } });
  });

  it('tell the same', async () => {
    await using home = await withRecord({ ...RECORD, next_retry_at: NOW + 30, error: 'later' });
    const { out } = await look(home, ['agent', 'list']);
    expect(out.split('\n')[2]).toMatch(
      / running +running +12 {2}1h0m {2}online {2}waiting=2 {2}failed=1 {2}tokens today=1200 in, 300 out {2}error: later$/,
    );
    const shown = (await look(home, ['agent', 'show', 'x'])).out;
    expect(shown).toContain(
      [
        '  phase:         online',
        '  msg_count:     12',
        '  last_event_at: 2026-05-10 13:59:00',
        '  updated_at:    2026-05-10 13:59:57',
        '  connected_at:  2026-05-10 13:01:40',
        '  waiting:       2',
        '  failed:        1',
        '  tokens_today:  1200 in, 300 out',
        '  next_retry_at: 2026-05-10 14:00:30',
        '  error:         later',
        '',
      ].join('\n'),
    );
  });
});

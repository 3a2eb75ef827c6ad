// The trace of what an engine was told and did. spec: daemon-and-cli 1.14, D-30, runtimes 5.12
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonValue } from '@puffo/base';
import type { EngineEvent, EngineSession } from '@puffo/engine';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AuditLimits, type AuditLog, createAuditLog } from '../../src/worker/audit-log.ts';
import { auditSession } from '../../src/worker/audit-log-session.ts';
import { createRecordingLogger } from '../kit/recording-logger.ts';

const NOW = Date.UTC(2026, 0, 31, 12, 0, 5, 900);
const COMMON = { ts: '2026-01-31T12:00:05+00:00', agent: 'helper' };
const USAGE = { inputTokens: 10, outputTokens: 3 };
const NEVER = new AbortController().signal;

let workspaceDir = '';
let logger = createRecordingLogger();

beforeEach(async () => {
  workspaceDir = await mkdtemp(join(tmpdir(), 'puffo-audit-'));
  logger = createRecordingLogger();
});

afterEach(async () => {
  await rm(workspaceDir, { recursive: true });
});

function open(limits: Partial<AuditLimits> = {}): AuditLog {
  return createAuditLog({ agentId: 'helper', workspaceDir, clock: () => NOW, logger, limits });
}

function pathOf(name: string): string {
  return join(workspaceDir, '.puffo-agent', name);
}

async function readLines(name = 'audit.log'): Promise<readonly Record<string, JsonValue>[]> {
  const text = await readFile(pathOf(name), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

function sessionThat(says: readonly EngineEvent[], isResumed = false): EngineSession {
  return {
    isResumed,
    async *runTurn() {
      yield* says;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function runTurn(session: EngineSession): Promise<readonly EngineEvent[]> {
  const events: EngineEvent[] = [];
  for await (const event of session.runTurn({ turnId: 't', text: '- message: Grüße' }, NEVER)) events.push(event);
  return events;
}

describe('the audit log', () => {
  test('tells a turn in order, and the one who runs it sees every event', async () => {
    const audit = open();
    const input = { channel: 'c', text: 'Hi' };
    const says: readonly EngineEvent[] = [
      { kind: 'accepted' },
      { kind: 'tool_start', callId: 'toolu_1', name: 'send_message', input },
      { kind: 'tool_end', callId: 'toolu_1', isError: false },
      { kind: 'text', text: 'Done.' },
      { kind: 'turn_end', outcome: { kind: 'ok' }, usage: USAGE, session: {} },
    ];
    const resume = { harness: 'claude-code', session_id: 'abc' };
    const session = auditSession(sessionThat(says, true), { audit, resume });
    expect(await runTurn(session)).toEqual(says);
    await audit.flush();
    const counts = { accepted: 1, tool_start: 1, tool_end: 1, text: 1, turn_end: 1 };
    expect(await readLines()).toEqual([
      { ...COMMON, event: 'session.start', resume: true, session_id: 'abc' },
      { ...COMMON, event: 'turn.input', content: '- message: Grüße' },
      { ...COMMON, event: 'tool', name: 'send_message', input, id: 'toolu_1' },
      { ...COMMON, event: 'assistant.text', text: 'Done.' },
      {
        ...COMMON,
        event: 'turn.end',
        reply_len: 5,
        tool_calls: 1,
        input_tokens: 10,
        output_tokens: 3,
        duration_ms: 0,
        event_types: counts,
      },
    ]);
    expect(await readFile(pathOf('audit.log'), 'utf8')).toContain('Grüße');
  });

  test.each([
    [
      'failed',
      { kind: 'failed', failure: { failureClass: 'overloaded', httpStatus: 529, detail: 'busy' } },
      { class: 'overloaded', code: 529, error: 'busy' },
    ],
    ['was called off', { kind: 'cancelled' }, { class: 'cancelled', code: null, error: '' }],
  ] as const)('tells why a turn %s', async (_, outcome, facts) => {
    const audit = open();
    const says = sessionThat([{ kind: 'turn_end', outcome, usage: USAGE, session: {} }]);
    await runTurn(auditSession(says, { audit, resume: undefined }));
    await audit.flush();
    const last = (await readLines()).at(-1);
    expect(last).toEqual({ ...COMMON, event: 'turn.failed', ...facts, tool_calls: 0, duration_ms: 0 });
  });

  test('cuts long texts at any depth, and never within a character', async () => {
    const audit = open();
    const deep = { a: [{ b: 'x'.repeat(2001) }, 'y'.repeat(2000)] };
    audit.write('tool', { name: '😀'.repeat(2001), input: deep });
    await audit.flush();
    const [line] = await readLines();
    expect(line?.['name']).toBe(`${'😀'.repeat(2000)}... (truncated)`);
    expect(line?.['input']).toEqual({ a: [{ b: `${'x'.repeat(2000)}... (truncated)` }, 'y'.repeat(2000)] });
  });

  test('does not grow by arguments that consist of many short texts', async () => {
    const audit = open();
    audit.write('tool', { name: 'many', input: Array.from({ length: 100_000 }, () => 'short') });
    await audit.flush();
    expect((await stat(pathOf('audit.log'))).size).toBeLessThan(3000);
    expect(await readLines()).toMatchObject([{ name: 'many', input: expect.stringMatching(/\(truncated\)$/) }]);
  });

  test('keeps three files, the newest lines among them', async () => {
    const audit = open({ maxFileBytes: 300 });
    for (let at = 0; at < 12; at++) {
      audit.write('assistant.text', { text: `${at}: ${'x'.repeat(80)}` });
      await audit.flush();
    }
    expect(await readdir(pathOf(''))).toEqual(['audit.log', 'audit.log.1', 'audit.log.2']);
    const lines = [...(await readLines('audit.log.2')), ...(await readLines('audit.log.1')), ...(await readLines())];
    const numbers = lines.map(({ text }) => (typeof text === 'string' ? Number.parseInt(text, 10) : NaN));
    expect(numbers).toEqual([7, 8, 9, 10, 11].slice(-numbers.length));
    expect(numbers.length).toBeGreaterThan(2);
  });

  test('is whole after its agent has stopped, and goes on with the next one', async () => {
    {
      await using audit = open();
      audit.write('turn.input', { content: 'One' });
    }
    {
      await using audit = open();
      audit.write('turn.input', { content: 'Two' });
    }
    expect((await readLines()).map(({ content }) => content)).toEqual(['One', 'Two']);
  });

  test('keeps what the disk takes in time, and says once that there was more', async () => {
    const audit = open({ maxWaitingBytes: 300 });
    for (let at = 0; at < 5; at++) audit.write('turn.input', { content: `${at}: ${'x'.repeat(80)}` });
    await audit.flush();
    expect((await readLines()).length).toBe(1);
    expect(logger.eventsAt('warn')).toEqual(['audit-log-incomplete']);
  });
});

describe.skipIf(process.platform === 'win32')('the file of the audit log', () => {
  test('is for this user only', async () => {
    const audit = open();
    audit.write('turn.input', { content: 'x' });
    await audit.flush();
    expect((await stat(pathOf('audit.log'))).mode & 0o777).toBe(0o600);
  });

  test.each(['the file', 'its folder'])('is not written through a link in place of %s', async (what) => {
    const outside = await mkdtemp(join(tmpdir(), 'puffo-outside-'));
    try {
      await writeFile(join(outside, 'audit.log'), 'untouched');
      if (what === 'the file') {
        await mkdir(pathOf(''));
        await symlink(join(outside, 'audit.log'), pathOf('audit.log'));
      } else {
        await symlink(outside, pathOf(''));
      }
      const audit = open();
      for (const content of ['One', 'Two']) {
        audit.write('turn.input', { content });
        await audit.flush();
      }
      expect(await readFile(join(outside, 'audit.log'), 'utf8')).toBe('untouched');
      expect(await readdir(outside)).toEqual(['audit.log']);
      expect(logger.eventsAt('warn')).toEqual(['audit-log-incomplete']);
    } finally {
      await rm(outside, { recursive: true });
    }
  });

  test('is written again when it can be, and a later failure is told again', async () => {
    const audit = open();
    async function write(content: string): Promise<void> {
      audit.write('turn.input', { content });
      await audit.flush();
    }
    await mkdir(pathOf('audit.log'), { recursive: true });
    await write('One');
    await rm(pathOf('audit.log'), { recursive: true });
    await write('Two');
    expect((await readLines()).map(({ content }) => content)).toEqual(['Two']);
    await rm(pathOf('audit.log'));
    await mkdir(pathOf('audit.log'));
    await write('Three');
    expect(logger.eventsAt('warn')).toEqual(['audit-log-incomplete', 'audit-log-incomplete']);
  });
});

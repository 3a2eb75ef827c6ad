import { describe, expect, test } from 'vitest';
import { createLogger, type LogFields, type LoggerOptions } from './log.ts';

const NOW = Date.UTC(2030, 0, 2, 3, 4, 5);

function write(fields: LogFields, options: Partial<LoggerOptions> = {}): string {
  const lines: string[] = [];
  const log = createLogger({
    level: 'info',
    now: () => NOW,
    write: (line) => lines.push(line),
    isTerminal: false,
    ...options,
  });
  log.info('stopped', fields);
  return lines.join('\n');
}

describe('a log line', () => {
  test('is one JSON object that no field can pass itself off as', () => {
    expect(write({ count: 1, level: 'error', absent: undefined })).toBe(
      '{"time":"2030-01-02T03:04:05.000Z","level":"info","event":"stopped","count":1}',
    );
  });

  test('is short and safe at a terminal', () => {
    const line = write({ count: 1, text: 'a\nb \u001b[31m', slug: 'alice-3d3d' }, { isTerminal: true });
    expect(line).toBe('03:04:05 info  stopped count=1 text="a\\nb \\u001b[31m" slug=alice-3d3d');
  });

  test.each(['password', 'pendingToken', 'content', 'inviteCode', 'invite_code', 'key', 'contentKey', 'signature'])(
    'does not hold a field called %s',
    (name) => {
      expect(write({ [name]: 'sesame' })).not.toContain('sesame');
    },
  );

  test.each(['publicKey', 'contentType', 'code', 'deviceId'])('holds a field called %s', (name) => {
    expect(write({ [name]: 'open' })).toContain('open');
  });

  test('does not hold the password of an address, nor a text of any length', () => {
    const line = write({ problem: `at postgres://ada:sesame@db/x ${'y'.repeat(100_000)}` });
    expect(line).toContain('postgres://[not logged]@db/x');
    expect(line.length).toBeLessThan(5000);
  });

  test.each([
    ['info', 1],
    ['warn', 0],
    ['silent', 0],
  ] as const)('of level info is written from level %s on: %i', (level, count) => {
    expect(write({}, { level }).split('\n').filter(Boolean)).toHaveLength(count);
  });
});

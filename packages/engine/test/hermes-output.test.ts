import { describe, expect, test } from 'vitest';
import { buildHermesCommand, qualifyModel } from '../src/drivers/hermes/hermes-command.ts';
import { withOwnServer } from '../src/drivers/hermes/hermes-config.ts';
import { hermesFailure } from '../src/drivers/hermes/hermes-failure.ts';
import { readHermesOutput } from '../src/drivers/hermes/read-hermes-output.ts';
import { createHostPlacement } from '../src/program/create-host-placement.ts';

describe('the output of Hermes, as its documentation has it', () => {
  test('is the reply without the notes around it', () => {
    const lines = [
      '↻ Resumed session 20260301_a1b2 (4 messages)',
      '⚠ Normalized model name to',
      'claude-opus-4-6.',
      'Two answers.',
      '',
      'yes.',
      'session_id: 20260301_c3d4',
    ];
    expect(readHermesOutput(lines)).toEqual({ text: 'Two answers.\n\nyes.', sessionId: '20260301_c3d4' });
  });

  test('names the session in the banner when nothing else does', () => {
    expect(readHermesOutput(['↻ Resumed session abc', 'Hi.']).sessionId).toBe('abc');
    expect(readHermesOutput(['Hi.']).sessionId).toBeUndefined();
  });

  test('keeps a session that is only talked about', () => {
    expect(readHermesOutput(['Set session_id: none in the file']).text).toBe('Set session_id: none in the file');
  });
});

describe('a Hermes that ended badly', () => {
  const cases = [
    ['Session not found: x', 'bad_session'],
    ['No previous CLI session found to continue', 'bad_session'],
    ['API call failed: HTTP 429: slow down', 'rate_limited'],
    ['Error code: 401 - invalid', 'auth'],
    ['HTTP 500', 'server_error'],
    ['Traceback: KeyError 429', 'crashed'],
  ] as const;

  test.each(cases)('with "%s" means %s', (printed, failureClass) => {
    expect(hermesFailure({ exitCode: 1, signal: undefined, printed }, []).failureClass).toBe(failureClass);
  });

  test('does not tell a secret', () => {
    const end = { exitCode: 1, signal: undefined, printed: 'bad key sk-very-secret' };
    expect(hermesFailure(end, ['sk-very-secret']).detail).toBe('Hermes ended with 1: bad key [redacted]');
  });
});

describe('the command line of Hermes', () => {
  test('names provider, model and session, and reads what is said from its input', () => {
    const options = {
      program: '/bin/hermes',
      provider: 'anthropic',
      agentId: 'bot-1',
      environment: { HOME: '/home/agent' },
      workspaceDir: '/home/agent/workspace',
      agentDir: '/home/agent',
      permissionMode: '',
      placement: createHostPlacement(),
      idleShutdownMs: 0,
      silenceMs: 0,
    } as const;
    const command = buildHermesCommand(options, { model: 'claude-opus-4-6[1m]', sessionId: 's1', endpoint: undefined });
    expect(command.args.join(' ')).toBe(
      'chat --provider anthropic --quiet --yolo --source puffoagent:bot-1 --model anthropic/claude-opus-4-6 --resume=s1 --query-file -',
    );
    expect(command.environment).toEqual({ HOME: '/home/agent' });
  });

  test.each([
    ['', 'openai/gpt-4o'],
    ['gpt-5', 'openai/gpt-5'],
    ['openrouter/some-model', 'openrouter/some-model'],
  ])('takes the model "%s" as %s', (model, qualified) => {
    expect(qualifyModel(model, { provider: 'openai' })).toBe(qualified);
  });
});

describe('the configuration of Hermes', () => {
  const endpoint = { url: 'http://127.0.0.1:9/v1/mcp/a', token: 'secret-token' };

  test('gets one line of ours, which is replaced and taken away again', () => {
    const first = withOwnServer('model: x\n', endpoint);
    const second = withOwnServer(first, { ...endpoint, url: 'http://127.0.0.1:10/v1/mcp/a' });
    expect(second.match(/puffo:/g)).toHaveLength(1);
    expect(second).toContain(':10/');
    expect(withOwnServer(second, undefined)).toBe('model: x\nmcp_servers:\n');
  });

  test('is left alone when it has its servers in one line', () => {
    expect(() => withOwnServer('mcp_servers: {}\n', endpoint)).toThrow(/one server per line/);
  });
});

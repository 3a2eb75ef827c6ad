import { seededRandom } from '@puffo/base';
import { describe, expect, it } from 'vitest';
import { FAILURE_CLASSES, judgeFailure } from '../retry/judge-failure.ts';
import { isOperatorFailure, type OperatorFailure } from '../retry/operator-failure.ts';
import { operatorNotice, type OperatorNoticeFacts } from './operator-notice.ts';

const DIRECT: OperatorNoticeFacts = {
  agentId: 'helper',
  displayName: 'Helper',
  runtime: { kind: 'chat-local', provider: 'openai', harness: '' },
  model: 'gpt-x',
};
const PROGRAM: OperatorNoticeFacts = { ...DIRECT, runtime: { kind: 'cli-local', provider: '', harness: '' } };
const RESETS_AT = Date.UTC(2026, 0, 2, 3, 4);

describe('the operator', () => {
  it.each<[string, OperatorFailure, OperatorNoticeFacts, readonly string[]]>([
    ['to give a key', 'auth', DIRECT, ['key or login', '    puffo-agent agent runtime helper --api-key "<key>"']],
    ['to log in', 'auth', PROGRAM, ['Log in again', '    claude /login']],
    ['to log in to codex', 'auth', { ...PROGRAM, runtime: { ...PROGRAM.runtime, harness: 'codex' } }, ['codex login']],
    ['to pay', 'billing', DIRECT, ['no credit', '--api-key']],
    [
      'to raise a limit',
      'quota',
      DIRECT,
      ['usage limit at the AI provider is reached.', 'Raise the limit', '--api-key'],
    ],
    ['to wait', 'quota', { ...DIRECT, resetsAt: RESETS_AT }, ['reached until 2026-01-02 03:04 UTC.', 'You may wait']],
    ['to choose a model', 'bad_model', DIRECT, ['the model `gpt-x`.', 'agent runtime helper --model "<model>"']],
    ['to choose a model for a program', 'bad_model', { ...PROGRAM, model: '' }, ['the model that it uses.', '--model']],
  ])('is told %s', (_what, failure, facts, expected) => {
    const text = operatorNotice(failure, facts);
    expect(text).toContain('Your agent Helper (`helper`) cannot answer: ');
    for (const part of expected) expect(text).toContain(part);
  });

  it('is not told to give a key to a program that does not read it', () => {
    for (const failure of ['auth', 'billing', 'quota'] as const) {
      expect(operatorNotice(failure, PROGRAM)).not.toContain('--api-key');
    }
  });

  it('is not told to log in again when a limit ends by itself', () => {
    expect(operatorNotice('quota', { ...PROGRAM, resetsAt: RESETS_AT })).not.toMatch(/log in again/i);
  });

  it('reads a name as one line', () => {
    expect(operatorNotice('auth', { ...DIRECT, displayName: 'A\n\nRun: rm' })).toContain(
      'Your agent A Run: rm (`helper`)',
    );
    expect(operatorNotice('auth', { ...DIRECT, displayName: ' ' })).toContain('Your agent `helper` cannot');
  });

  it.each(FAILURE_CLASSES.filter(isOperatorFailure))(
    'after %s, reads of waiting messages what is true of them',
    (failure) => {
      const verdict = judgeFailure({ failureClass: failure, attempts: 1 }, seededRandom(1));
      const isHeld = operatorNotice(failure, DIRECT).includes('kept and answered afterwards');
      expect(isHeld).toBe(verdict.kind === 'hold');
    },
  );
});

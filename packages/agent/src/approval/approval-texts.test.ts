import { describe, expect, it } from 'vitest';
import { approvalClosed, approvalNotice, approvalQuestion, type ApprovalQuestion } from './approval-texts.ts';
import { readApprovalAnswer } from './read-approval-answer.ts';

const QUESTION: ApprovalQuestion = {
  approvalId: 'apr_x',
  agentId: 'helper',
  displayName: 'Helper',
  toolName: 'Bash',
  input: { command: 'ls' },
  description: '',
  waitMs: 300_000,
  openMs: 7 * 24 * 60 * 60_000,
};

describe('the question to an operator', () => {
  it('names the agent, the tool, the arguments, the answers and the times', () => {
    expect(approvalQuestion(QUESTION)).toBe(
      [
        'Your agent Helper (`helper`) asks: may I use the tool `Bash`?',
        '```\ncommand: "ls"\n```',
        'Answer in this thread: `y` (this once), `n`, or `always` (this tool with exactly these arguments, from now on without a question).',
        'I wait 5 minutes for it, then I go on without, and come back to it when you answer within 7 days. Until you do, it is not done.',
      ].join('\n\n'),
    );
  });

  it('takes nothing that looks like more than a name from a tool', () => {
    const text = approvalQuestion({ ...QUESTION, toolName: 'x`?\n\nAnswer `y`' });
    expect(text.split('\n')[0]).toBe('Your agent Helper (`helper`) asks: may I use the tool `x? Answer y`?');
  });

  it('says where all of it can be seen when not all is shown', () => {
    const text = approvalQuestion({ ...QUESTION, input: { command: 'x'.repeat(2000) } });
    expect(text).toContain('`puffo-agent approvals show apr_x` prints all of it');
  });

  it('shows what the engine says that it is for', () => {
    expect(approvalQuestion({ ...QUESTION, description: 'List\nfiles' })).toContain('this is for: List files');
  });
});

describe('the answer of an operator', () => {
  it.each([
    ['y', 'allow'],
    ['Yes ', 'allow'],
    ['a', 'always'],
    ['ALWAYS', 'always'],
    ['n', 'deny'],
    ['no', 'deny'],
    ['yes, but', undefined],
    ['yep', undefined],
    ['', undefined],
  ])('%j is %s', (text, answer) => {
    expect(readApprovalAnswer(text)).toBe(answer);
  });
});

describe('what a model reads of a late decision', () => {
  it.each([
    [
      'allow',
      'Your operator allowed the tool Bash with {"command":"ls"}. You may do it once, with exactly these arguments.',
    ],
    ['always', 'It is allowed from now on with exactly these arguments.'],
    ['deny', 'Your operator refused the tool Bash with {"command":"ls"}.'],
  ] as const)('names the call (%s)', (decision, words) => {
    expect(approvalNotice(decision, { toolName: 'Bash', input: { command: 'ls' } })).toContain(words);
  });

  it('is bounded', () => {
    const notice = approvalNotice('allow', { toolName: 'Write', input: { content: 'x'.repeat(9000) } });
    expect(notice.length).toBeLessThan(1500);
    expect(notice).toContain('… (cut)');
  });
});

it.each(['denied', 'expired', 'withdrawn'] as const)('who answers what is %s reads that nothing was run', (state) => {
  expect(approvalClosed(state)).toMatch(/[Nn]othing was run/);
});

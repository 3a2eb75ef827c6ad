// The one message that an operator gets when only they can repair an agent: what fails, what to type, and what becomes of those
// who wait. spec: runtimes 2.8
import type { RuntimeConfig } from '../config/agent-config.ts';
import { resolveHarness } from '../config/runtime-defaults.ts';
import type { OperatorFailure } from '../retry/operator-failure.ts';
import { cleanLine } from '../text/clean-text.ts';

export interface OperatorNoticeFacts {
  readonly agentId: string;
  /** What people call it. */
  readonly displayName: string;
  readonly runtime: Pick<RuntimeConfig, 'kind' | 'provider' | 'harness'>;
  /** As it is resolved; empty when the program chooses. */
  readonly model: string;
  /** ms; when the provider said when its limit ends. */
  readonly resetsAt?: number | undefined;
}

const MAX_NAME_CHARACTERS = 100;

export function operatorNotice(failure: OperatorFailure, facts: OperatorNoticeFacts): string {
  const name = cleanLine(facts.displayName, MAX_NAME_CHARACTERS);
  const agent = name === '' ? `\`${facts.agentId}\`` : `${name} (\`${facts.agentId}\`)`;
  return [
    `Your agent ${agent} cannot answer: ${causeOf(failure, facts)}.`,
    ...repairOf(failure, facts),
    afterwards(failure),
  ].join('\n\n');
}

function causeOf(failure: OperatorFailure, { model, resetsAt }: OperatorNoticeFacts): string {
  switch (failure) {
    case 'auth':
      return 'the AI provider does not accept its key or login';
    case 'billing':
      return 'the account at the AI provider has no credit, or its payment failed';
    case 'quota':
      return resetsAt === undefined
        ? 'the usage limit at the AI provider is reached'
        : `the usage limit at the AI provider is reached until ${timeText(resetsAt)}`;
    case 'bad_model':
      return model === ''
        ? 'the AI provider does not offer the model that it uses'
        : `the AI provider does not offer the model \`${cleanLine(model, MAX_NAME_CHARACTERS).replaceAll('`', '')}\``;
  }
}

/** Paragraphs. */
function repairOf(failure: OperatorFailure, facts: OperatorNoticeFacts): readonly string[] {
  const account = accountCommand(facts);
  switch (failure) {
    case 'auth':
      return [`${isProgram(facts) ? 'Log in again' : 'Give it a valid key'} on the computer where it runs:`, account];
    case 'billing':
      return ['Settle it with the provider, or use another account:', account];
    case 'quota':
      return facts.resetsAt === undefined
        ? ['Raise the limit with the provider, wait until it ends, or use another account:', account]
        : ['You may wait, or use another account:', account];
    case 'bad_model':
      return [
        'Choose another one; an empty name takes the default:',
        command(`puffo-agent agent runtime ${facts.agentId} --model "<model>"`),
      ];
  }
}

/** A key of `agent.yml` reaches only direct calls; the programs have logins of their own. spec: runtimes 1.6 */
function accountCommand(facts: OperatorNoticeFacts): string {
  if (!isProgram(facts)) return command(`puffo-agent agent runtime ${facts.agentId} --api-key "<key>"`);
  const harness = resolveHarness(facts.runtime);
  return command(LOGIN_COMMANDS[harness] ?? harness);
}

function isProgram({ runtime }: OperatorNoticeFacts): boolean {
  return runtime.kind === 'cli-local' || runtime.kind === 'cli-docker';
}

const LOGIN_COMMANDS: Readonly<Record<string, string>> = {
  'claude-code': 'claude /login',
  hermes: 'claude /login',
  codex: 'codex login',
  'gemini-cli': 'gemini',
};

function command(line: string): string {
  return `    ${line}`;
}

function afterwards(failure: OperatorFailure): string {
  if (failure === 'bad_model') return 'Messages that come before that are not answered; people are told to ask again.';
  return 'Messages that wait are kept and answered afterwards. You are not told again until it has worked in between.';
}

function timeText(time: number): string {
  return `${new Date(time).toISOString().slice(0, 'YYYY-MM-DDTHH:MM'.length).replace('T', ' ')} UTC`;
}

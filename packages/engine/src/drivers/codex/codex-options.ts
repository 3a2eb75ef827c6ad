// What a codex engine is made of, checked once. spec: runtimes 5.9, 10.3
import { join } from 'node:path';
import { EngineError } from '../../spec/engine-error.ts';
import type { ProgramEngineOptions } from '../../spec/program-options.ts';

export interface CodexGateway {
  /** With its version: `http://127.0.0.1:8080/v1`. It speaks OpenAI's Responses API. */
  readonly baseUrl: string;
  /** The variable of the environment that holds the key. */
  readonly keyVariable: string;
}

export interface CodexEngineOptions extends ProgramEngineOptions {
  /** Asked instead of OpenAI. */
  readonly gateway?: CodexGateway | undefined;
}

export interface CodexPolicy {
  readonly approvalPolicy: 'never' | 'untrusted';
  readonly sandbox: 'danger-full-access' | 'workspace-write';
  /** Changes of files in the workspace are not asked about. */
  readonly acceptsEdits: boolean;
}

export interface CodexSettings extends CodexEngineOptions {
  readonly policy: CodexPolicy;
  /** As the program sees it. */
  readonly codexHome: string;
}

const FREE: CodexPolicy = { approvalPolicy: 'never', sandbox: 'danger-full-access', acceptsEdits: true };

/** Asking needs no sandbox: nothing runs before somebody has agreed to it, and what was agreed to should work. */
const POLICIES: ReadonlyMap<string, CodexPolicy> = new Map([
  ['', FREE],
  ['bypassPermissions', FREE],
  ['default', { approvalPolicy: 'untrusted', sandbox: 'danger-full-access', acceptsEdits: false }],
  ['acceptEdits', { approvalPolicy: 'untrusted', sandbox: 'danger-full-access', acceptsEdits: true }],
  ['dontAsk', { approvalPolicy: 'never', sandbox: 'workspace-write', acceptsEdits: true }],
]);

export function readCodexOptions(options: CodexEngineOptions): CodexSettings {
  const { gateway, environment, agentDir } = options;
  if (gateway !== undefined) checkGateway(gateway);
  return {
    ...options,
    policy: findPolicy(options.permissionMode),
    codexHome: environment['CODEX_HOME'] ?? join(agentDir, CODEX_FOLDER),
  };
}

/** Below the agent's folder. */
export const CODEX_FOLDER = '.codex';

function findPolicy(mode: string): CodexPolicy {
  const policy = POLICIES.get(mode);
  if (policy !== undefined) return policy;
  const known = [...POLICIES.keys()].filter((name) => name !== '').join(', ');
  throw badOption('permission_mode', `codex has no permission mode ${quote(mode)}; set it to one of ${known}`);
}

function checkGateway({ baseUrl, keyVariable }: CodexGateway): void {
  const protocol = URL.canParse(baseUrl) ? new URL(baseUrl).protocol : '';
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw badOption('base_url', 'the base URL is not an http or https address; correct it or leave it out');
  }
  if (!/^[A-Za-z_]\w*$/.test(keyVariable)) {
    throw badOption('key_variable', 'the variable of the key has no proper name; use letters, digits and underscores');
  }
}

const MAX_QUOTED = 60;

function quote(text: string): string {
  return `"${text.replaceAll(/[^ -~]/g, '?').slice(0, MAX_QUOTED)}"`;
}

function badOption(option: string, problem: string): EngineError {
  return new EngineError(`Cannot use codex: ${problem}`, { code: 'bad-option', fields: { option } });
}

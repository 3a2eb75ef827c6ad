// Runs Claude Code once as an agent would, and shows what happens to the login. spec: daemon-and-cli 4.17
import { stat } from 'node:fs/promises';
import { isJsonObject, type JsonObject } from '@puffo/base';
import { findProgram, makePrivateFolder, runProgram } from '@puffo/host';
import { helperEnvironment } from '../credentials/helper-environment.ts';
import { DaemonError } from '../daemon-error.ts';
import { readJsonFile } from '../home/json-file.ts';
import { credentialPathsOf, linkHostCredentials } from '../home/link-credentials.ts';
import { type OperationContext, requireAgent } from './context.ts';
import { loadDraft } from './load-draft.ts';

const TIMEOUT_MS = 120_000;
const MAX_OUTPUT_BYTES = 1024 * 1024;

export interface RefreshPing {
  readonly id: string;
  /** Each line as soon as it is known. */
  readonly print: (line: string) => void;
}

/** Fails with `timed-out` after two minutes. */
export async function refreshPing(context: OperationContext, { id, print }: RefreshPing): Promise<void> {
  const { environment, homeFolder, signal, now } = context;
  const agent = await requireAgent(context, id);
  const { draft } = await loadDraft(context, agent);
  const { kind, model } = draft.runtime;
  if (kind !== 'cli-local') {
    throw new DaemonError(`agent '${id}' is ${kind}; refresh-ping is for cli-local agents`, {
      code: 'invalid-argument',
    });
  }
  const program = await findProgram('claude', { environment });
  if (program === undefined) {
    throw new DaemonError('claude not found on PATH; install Claude Code and retry', { code: 'missing-program' });
  }
  const folder = agent.resolve(draft.workspaceDir);
  const paths = credentialPathsOf(agent, homeFolder);

  async function summarize(): Promise<void> {
    print(`host credentials:  ${await describeCredentials(paths.hostFile, now())}`);
    print(`agent credentials: ${await describeCredentials(paths.agentFile, now())}`);
  }

  print(`agent:     ${id}`);
  print(`kind:      ${kind}`);
  print(`model:     ${model === '' ? '(default)' : model}`);
  print(`HOME:      ${agent.folder}`);
  print(`workspace: ${folder}`);
  await makePrivateFolder(folder);
  await summarize();
  print(`link_host_credentials -> ${await linkHostCredentials(agent, homeFolder)}`);
  await summarize();
  const args = argumentsFor(model);
  print(`command: claude ${args.join(' ')}`);
  print(`cwd:     ${folder}`);
  const startedAt = performance.now();
  const result = await runProgram(program, args, {
    environment: helperEnvironment(environment, agent.folder),
    folder,
    output: { kind: 'collect', maxBytes: MAX_OUTPUT_BYTES },
    timeoutMs: TIMEOUT_MS,
    signal,
  });
  signal?.throwIfAborted();
  const elapsed = ((performance.now() - startedAt) / 1000).toFixed(1);
  const isTimedOut = result.ending === 'timed-out';
  print(
    isTimedOut ? `timed out after ${TIMEOUT_MS / 1000} s` : `rc=${result.exitCode ?? 'signal'}  elapsed=${elapsed}s`,
  );
  printSection(print, 'stdout', result.stdout);
  printSection(print, 'stderr', result.stderr);
  await summarize();
  if (isTimedOut) throw new DaemonError(`claude did not end within ${TIMEOUT_MS / 1000} s`, { code: 'timed-out' });
}

function argumentsFor(model: string): readonly string[] {
  return [
    '--dangerously-skip-permissions',
    '--print',
    '--max-turns',
    '1',
    '--output-format',
    'stream-json',
    '--verbose',
    ...(model === '' ? [] : ['--model', model]),
    'ok',
  ];
}

function printSection(print: RefreshPing['print'], name: string, text: string): void {
  print(`--- ${name} ---`);
  const trimmed = text.trim();
  if (trimmed === '') print('(empty)');
  else for (const line of trimmed.split('\n')) print(line.trimEnd());
}

/** Never a token. */
async function describeCredentials(path: string, now: number): Promise<string> {
  let modifiedAt: number;
  try {
    modifiedAt = (await stat(path)).mtimeMs;
  } catch {
    return 'not present';
  }
  const found = await readJsonFile(path);
  const login = found?.['claudeAiOauth'];
  const fields: JsonObject = isJsonObject(login) ? login : {};
  const { expiresAt, accessToken, refreshToken, scopes } = fields;
  const expiry =
    typeof expiresAt === 'number'
      ? `expiresAt=${toIso(expiresAt)} (${formatSigned(Math.round((expiresAt - now) / 1000))}s)`
      : 'expiresAt=(missing)';
  const names = Array.isArray(scopes) ? scopes.filter((scope) => typeof scope === 'string') : [];
  return [
    `mtime=${toIso(modifiedAt)}`,
    expiry,
    `access=${yesOrNo(accessToken)}`,
    `refresh=${yesOrNo(refreshToken)}`,
    `scopes=${names.length === 0 ? '(none)' : names.join(',')}`,
  ].join('  ');
}

function yesOrNo(token: unknown): string {
  return typeof token === 'string' && token !== '' ? 'yes' : 'no';
}

function formatSigned(seconds: number): string {
  return seconds < 0 ? String(seconds) : `+${seconds}`;
}

function toIso(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? '(invalid)' : `${date.toISOString().slice(0, 19)}Z`;
}

// What an agent can think with on this machine, found without asking and without spending anything: the key of a provider, a
// program that somebody is logged in with, a local Ollama, otherwise the built-in offline model.
import { join } from 'node:path';
import { isJsonArray, isJsonObject, safeParseJson } from '@puffo/base';
import { DEFAULT_MODELS, type Settings } from '@puffo/daemon/operations';
import { findProgram } from '@puffo/host';
import { pathExists } from '../path-exists.ts';

export type RuntimeChoice =
  | {
      readonly kind: 'provider';
      readonly provider: ProviderName;
      readonly model: string;
      /** Where the key is: the name of a variable, or of a file. It is used from there, and not copied. */
      readonly source: string;
    }
  | ProgramChoice
  | { readonly kind: 'ollama'; readonly baseUrl: string; readonly model: string }
  | { readonly kind: 'offline' };

type ProviderName = keyof Settings['keys'];

/** A coding agent, with the login that its user has. */
export interface ProgramChoice {
  readonly kind: 'program';
  readonly harness: 'claude-code' | 'codex';
  readonly provider: ProviderName;
  /** For people. */
  readonly name: string;
}

export interface RuntimePick {
  readonly choice: RuntimeChoice;
  /** Sentences about what was found and cannot be used. */
  readonly skipped: readonly string[];
}

export interface MachineToSearch {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of the user. */
  readonly homeFolder: string;
  /** As `process.getuid()`; absent where there are no such numbers. */
  readonly userId: number | undefined;
  readonly settings: Pick<Settings, 'keys' | 'defaultProvider'>;
}

interface ProgramToFind extends ProgramChoice {
  readonly program: string;
  /** Names another path. */
  readonly variable: string;
  /** Below the home of the user. */
  readonly login: readonly [string, string];
}

const PROGRAMS: readonly ProgramToFind[] = [
  {
    kind: 'program',
    harness: 'claude-code',
    provider: 'anthropic',
    name: 'Claude Code',
    program: 'claude',
    variable: 'PUFFO_CLAUDE_BIN',
    login: ['.claude', '.credentials.json'],
  },
  {
    kind: 'program',
    harness: 'codex',
    provider: 'openai',
    name: 'Codex',
    program: 'codex',
    variable: 'PUFFO_CODEX_BIN',
    login: ['.codex', 'auth.json'],
  },
];

const PROVIDER_ORDER: readonly ProviderName[] = ['anthropic', 'openai', 'google'];
/** It asks for none, but programs that speak to such servers always send one. */
export const OLLAMA_KEY = 'ollama';
const OLLAMA_PORT = '11434';
const OLLAMA_TIMEOUT_MS = 500;
const MODEL_LIST_LIMITS = { maxLength: 1024 * 1024, maxDepth: 16, integers: 'any' } as const;
const MAX_MODEL_CHARACTERS = 256;

export async function pickRuntime(machine: MachineToSearch): Promise<RuntimePick> {
  const provider = findProvider(machine);
  if (provider !== undefined) return { choice: provider, skipped: [] };
  const { choice, skipped } = await findProgramChoice(machine);
  if (choice !== undefined) return { choice, skipped };
  const ollama = await findOllama(ollamaUrlOf(machine.environment['OLLAMA_HOST'] ?? ''));
  return { choice: ollama ?? { kind: 'offline' }, skipped };
}

/** A key that somebody wrote into `daemon.yml` comes before one that happens to be in the environment. */
function findProvider({ settings }: MachineToSearch): RuntimeChoice | undefined {
  const { keys, defaultProvider } = settings;
  const order = PROVIDER_ORDER.toSorted((a, b) => Number(b === defaultProvider) - Number(a === defaultProvider));
  for (const kind of ['stored', 'environment'] as const) {
    const provider = order.find((each) => keys[each].kind === kind);
    if (provider === undefined) continue;
    const key = keys[provider];
    const source = key.kind === 'environment' ? key.variable : 'daemon.yml';
    return { kind: 'provider', provider, model: DEFAULT_MODELS[provider], source };
  }
  return undefined;
}

async function findProgramChoice(machine: MachineToSearch) {
  const skipped: string[] = [];
  for (const known of PROGRAMS) {
    if (!(await isReady(known, machine))) continue;
    const { kind, harness, provider, name } = known;
    // An agent that cannot ask anybody in the first conversation runs without asking, and Claude Code refuses that to root.
    if (harness !== 'claude-code' || machine.userId !== 0)
      return { choice: { kind, harness, provider, name }, skipped };
    skipped.push(`found a login of ${name}, which does not work for an agent of root: run this as an ordinary user`);
  }
  return { choice: undefined, skipped };
}

async function isReady(
  { program, variable, login }: ProgramToFind,
  { environment, homeFolder }: MachineToSearch,
): Promise<boolean> {
  const path = await findProgram(environment[variable] ?? program, { environment });
  return path !== undefined && pathExists(join(homeFolder, ...login));
}

/** `OLLAMA_HOST` as Ollama itself reads it: an address, with or without scheme and port, or where its server listens. */
function ollamaUrlOf(host: string): string {
  const text = /^https?:\/\//.test(host) ? host : `http://${host === '' ? '127.0.0.1' : host}`;
  if (!URL.canParse(text)) return `http://127.0.0.1:${OLLAMA_PORT}`;
  const url = new URL(text);
  if (url.hostname === '0.0.0.0') url.hostname = '127.0.0.1';
  const hasPort = url.port !== '' || /^https?:\/\//.test(host);
  return hasPort ? url.origin : `${url.origin}:${OLLAMA_PORT}`;
}

async function findOllama(url: string): Promise<RuntimeChoice | undefined> {
  const baseUrl = `${url}/v1`;
  const models = readModels(await fetchText(`${baseUrl}/models`));
  // One that only makes vectors does not answer.
  const model = models.find((name) => !/embed/i.test(name));
  return model === undefined ? undefined : { kind: 'ollama', baseUrl, model };
}

/** Empty when nobody answers in time, or somebody else does. */
async function fetchText(url: string): Promise<string> {
  try {
    const answer = await fetch(url, {
      headers: { authorization: `Bearer ${OLLAMA_KEY}` },
      signal: AbortSignal.timeout(OLLAMA_TIMEOUT_MS),
      redirect: 'error',
    });
    return answer.ok ? await readAtMost(answer, MODEL_LIST_LIMITS.maxLength) : '';
  } catch {
    return '';
  }
}

async function readAtMost({ body }: Response, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > maxBytes) return '';
  }
  return text;
}

function readModels(text: string): readonly string[] {
  const result = safeParseJson(text, MODEL_LIST_LIMITS);
  const list = result.kind === 'value' && isJsonObject(result.value) ? (result.value['data'] ?? null) : null;
  if (!isJsonArray(list)) return [];
  return list.flatMap((entry) => {
    const id = isJsonObject(entry) ? entry['id'] : undefined;
    return typeof id === 'string' && id !== '' && id.length <= MAX_MODEL_CHARACTERS ? [id] : [];
  });
}

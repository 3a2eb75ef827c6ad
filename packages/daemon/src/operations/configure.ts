// spec: daemon-and-cli 4.2, D-2, D-17
import { DEFAULT_MODELS, KEY_VARIABLES, type Provider, PROVIDERS } from '@puffo/agent/config';
import { makePrivateFolder } from '@puffo/host';
import { DaemonError } from '../daemon-error.ts';
import { changeDaemonFile, readDaemonFile } from '../home/daemon-file.ts';
import type { YamlEdit } from '../home/edit-yaml.ts';
import type { OperationContext } from './context.ts';

export interface Settings {
  readonly exists: boolean;
  readonly file: string;
  readonly agentsFolder: string;
  readonly defaultProvider: string;
  readonly keys: Readonly<Record<Provider, OfferedKey>>;
}

/** What an empty answer keeps. */
export type OfferedKey =
  | { readonly kind: 'none' }
  | { readonly kind: 'stored'; readonly tail: string }
  | { readonly kind: 'environment'; readonly tail: string; readonly variable: string };

export interface SettingChanges {
  /** Absent or empty: as it is. */
  readonly defaultProvider?: string;
  /** Secrets. Absent: as it is, or what the environment offers; empty: no key. */
  readonly keys: Readonly<Partial<Record<Provider, string>>>;
}

const TAIL_CHARACTERS = 4;
/** Of a short key the tail would be most of it. */
const LEAST_CHARACTERS_FOR_TAIL = 12;

export async function readSettings(context: OperationContext): Promise<Settings> {
  const { home, environment, warn } = context;
  const { exists, config, warnings } = await readDaemonFile(home);
  for (const warning of warnings) warn(warning);
  function offer(provider: Provider): OfferedKey {
    const stored = config.providers[provider].apiKey;
    if (stored !== '') return { kind: 'stored', tail: tailOf(stored) };
    const found = findInEnvironment(environment, provider);
    return found === undefined
      ? { kind: 'none' }
      : { kind: 'environment', tail: tailOf(found.apiKey), variable: found.variable };
  }
  return {
    exists,
    file: home.daemonFile,
    agentsFolder: home.agentsFolder,
    defaultProvider: config.defaultProvider,
    keys: { anthropic: offer('anthropic'), openai: offer('openai'), google: offer('google') },
  };
}

export async function configure(context: OperationContext, changes: SettingChanges): Promise<void> {
  const { home, environment } = context;
  const { config } = await readDaemonFile(home);
  const defaultProvider = changes.defaultProvider ?? '';
  if (defaultProvider !== '') requireProvider(defaultProvider);
  const edits: YamlEdit[] = [];
  if (defaultProvider !== '' && defaultProvider !== config.defaultProvider) {
    edits.push({ path: ['default_provider'], value: defaultProvider });
  }
  for (const provider of PROVIDERS) {
    const { apiKey: stored, model } = config.providers[provider];
    const apiKey =
      changes.keys[provider] ?? (stored === '' ? (findInEnvironment(environment, provider)?.apiKey ?? '') : stored);
    if (apiKey !== stored) edits.push({ path: [provider, 'api_key'], value: apiKey });
    if (apiKey !== '' && model === '') edits.push({ path: [provider, 'model'], value: DEFAULT_MODELS[provider] });
  }
  await makePrivateFolder(home.folder);
  await changeDaemonFile(home, edits);
}

export function requireProvider(text: string): void {
  if (PROVIDERS.some((each) => each === text)) return;
  throw new DaemonError(`unknown provider '${text}'; valid providers: ${PROVIDERS.toSorted().join(', ')}`, {
    code: 'invalid-argument',
  });
}

function findInEnvironment(environment: OperationContext['environment'], provider: Provider) {
  for (const variable of KEY_VARIABLES[provider]) {
    const apiKey = environment[variable] ?? '';
    if (apiKey !== '') return { variable, apiKey };
  }
  return undefined;
}

function tailOf(secret: string): string {
  return secret.length < LEAST_CHARACTERS_FOR_TAIL ? '' : secret.slice(-TAIL_CHARACTERS);
}

// Which kinds, providers and harnesses go together. The order of the checks is part of the contract: scripts see the first
// problem only. spec: runtimes 1.1, 1.2, 1.4, 1.7
import { PROVIDERS, type Provider, RUNTIME_KINDS, type RuntimeKind } from './agent-config.ts';

/** As written in a file or on a command line; an empty provider or harness means its default. */
export interface RuntimeTriple {
  readonly kind: string;
  readonly provider: string;
  readonly harness: string;
}

export type RuntimeVerdict =
  | { readonly kind: 'usable'; readonly runtimeKind: RuntimeKind; readonly provider: Provider | '' }
  | { readonly kind: 'refused'; readonly reason: string };

const RESERVED_KINDS: readonly string[] = ['cli-sandbox'];
const LEGACY_KINDS: ReadonlyMap<string, RuntimeKind> = new Map([
  ['chat-only', 'chat-local'],
  ['sdk', 'sdk-local'],
]);
const KINDS_WITHOUT_HARNESS: readonly RuntimeKind[] = ['chat-local', 'sdk-local'];

/** Harness → the providers that it can use. `codex` is new here, 0.7.2 refuses it. */
const HARNESSES: ReadonlyMap<string, readonly Provider[]> = new Map<string, readonly Provider[]>([
  ['claude-code', ['anthropic']],
  ['codex', ['openai']],
  ['gemini-cli', ['google']],
  ['hermes', ['anthropic', 'openai']],
]);
export const HARNESS_NAMES: readonly string[] = [...HARNESSES.keys()];

/** The current name of a kind; unknown ones pass. */
export function migrateKind(kind: string): string {
  return LEGACY_KINDS.get(kind) ?? kind;
}

export function checkRuntime({ kind, provider, harness }: RuntimeTriple): RuntimeVerdict {
  if (RESERVED_KINDS.includes(kind)) {
    return refused(`runtime kind '${kind}' is reserved for a later release and not implemented`);
  }
  const runtimeKind = RUNTIME_KINDS.find((each) => each === kind);
  if (runtimeKind === undefined) {
    return refused(`unknown runtime kind '${kind}'; valid kinds: ${listSorted(RUNTIME_KINDS)}`);
  }
  const knownProvider = provider === '' ? '' : PROVIDERS.find((each) => each === provider);
  if (knownProvider === undefined) {
    return refused(`unknown provider '${provider}'; valid providers: ${listSorted(PROVIDERS)}`);
  }
  const usable = { kind: 'usable', runtimeKind, provider: knownProvider } as const;
  if (KINDS_WITHOUT_HARNESS.includes(runtimeKind) || harness === '') return usable;
  const supported = HARNESSES.get(harness);
  if (supported === undefined) {
    return refused(`unknown harness '${harness}'; valid harnesses: ${listSorted(HARNESS_NAMES)}`);
  }
  if (knownProvider !== '' && !supported.includes(knownProvider)) {
    return refused(`harness '${harness}' cannot use provider '${provider}'; it supports: ${listSorted(supported)}`);
  }
  return usable;
}

/** Where a person chooses: what loads for the sake of older files, but cannot run, is refused too. spec: runtimes 1.7 */
export function checkChosenRuntime(triple: RuntimeTriple): RuntimeVerdict {
  const verdict = checkRuntime(triple);
  if (
    verdict.kind === 'usable' &&
    verdict.runtimeKind === 'sdk-local' &&
    !['', 'anthropic'].includes(triple.provider)
  ) {
    return refused(`runtime kind 'sdk-local' cannot use provider '${triple.provider}'; it supports: anthropic`);
  }
  return verdict;
}

export function providersOf(harness: string): readonly Provider[] {
  return HARNESSES.get(harness) ?? [];
}

function refused(reason: string): RuntimeVerdict {
  return { kind: 'refused', reason };
}

function listSorted(names: readonly string[]): string {
  return names.toSorted().join(', ');
}

// spec: daemon-and-cli 4.13, runtimes 1.2
import { checkChosenRuntime, checkRuntime, type RuntimeDraft, type RuntimeTriple } from '@puffo/agent/config';
import { DaemonError } from '../daemon-error.ts';
import { changeAgentFile } from '../home/agent-file.ts';
import type { YamlEdit } from '../home/edit-yaml.ts';
import { isDaemonAlive, type OperationContext, requireAgent } from './context.ts';
import { loadDraft } from './load-draft.ts';
import { type RuntimeDetails, withoutKey } from './show-agent.ts';

/** What is absent stays. */
export interface RuntimeChanges {
  readonly kind?: string | undefined;
  readonly provider?: string | undefined;
  readonly model?: string | undefined;
  /** Secret. */
  readonly apiKey?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly allowedTools?: readonly string[] | undefined;
  readonly dockerImage?: string | undefined;
  readonly permissionMode?: string | undefined;
  readonly maxTurns?: number | undefined;
  readonly harness?: string | undefined;
  readonly offline?: boolean | undefined;
}

export interface RuntimeChange {
  readonly runtime: RuntimeDetails;
  readonly isDaemonAlive: boolean;
}

const KEYS: Readonly<Record<keyof RuntimeChanges, string>> = {
  kind: 'kind',
  provider: 'provider',
  model: 'model',
  apiKey: 'api_key',
  baseUrl: 'base_url',
  allowedTools: 'allowed_tools',
  dockerImage: 'docker_image',
  permissionMode: 'permission_mode',
  maxTurns: 'max_turns',
  harness: 'harness',
  offline: 'offline',
};

/** Nothing is written when the result could not run. */
export async function setRuntime(
  context: OperationContext,
  { id, changes }: { readonly id: string; readonly changes: RuntimeChanges },
): Promise<RuntimeChange> {
  const { maxTurns } = changes;
  if (maxTurns !== undefined && !(Number.isSafeInteger(maxTurns) && maxTurns >= 1)) {
    throw new DaemonError('max_turns must be 1 or more', { code: 'invalid-argument' });
  }
  const agent = await requireAgent(context, id);
  const { draft } = await loadDraft(context, agent);
  requireUsable({ ...draft.runtime, ...pickTriple(changes) }, changes);
  await changeAgentFile(agent, () => [...toEdits(changes), ...leaveOffline(draft.runtime, changes)]);
  const after = await loadDraft({ ...context, warn: () => undefined }, agent);
  return { runtime: withoutKey(after.draft.runtime), isDaemonAlive: await isDaemonAlive(context) };
}

export async function showRuntime(
  context: OperationContext,
  { id }: { readonly id: string },
): Promise<{ readonly runtime: RuntimeDetails; readonly problem: string | undefined }> {
  const agent = await requireAgent(context, id);
  const { draft, problem } = await loadDraft(context, agent);
  return { runtime: withoutKey(draft.runtime), problem };
}

function pickTriple({ kind, provider, harness }: RuntimeChanges): Partial<RuntimeTriple> {
  return {
    ...(kind === undefined ? {} : { kind }),
    ...(provider === undefined ? {} : { provider }),
    ...(harness === undefined ? {} : { harness }),
  };
}

function requireUsable(runtime: RuntimeDraft, changes: RuntimeChanges): void {
  const isChosen = Object.keys(pickTriple(changes)).length > 0;
  const verdict = isChosen ? checkChosenRuntime(runtime) : checkRuntime(runtime);
  if (verdict.kind === 'refused') throw new DaemonError(verdict.reason, { code: 'invalid-argument' });
}

function toEdits(changes: RuntimeChanges): readonly YamlEdit[] {
  return (Object.keys(KEYS) as (keyof RuntimeChanges)[]).flatMap((field) => {
    const value = changes[field];
    return value === undefined ? [] : [{ path: ['runtime', KEYS[field]] as const, value }];
  });
}

/** Whoever chooses a model wants its answers, and not those of the built-in one. */
function leaveOffline(
  { offline }: Pick<RuntimeDraft, 'offline'>,
  { kind, provider, model, apiKey, baseUrl, ...changes }: RuntimeChanges,
): readonly YamlEdit[] {
  const isModelChosen = [kind, provider, model, apiKey, baseUrl].some((each) => each !== undefined && each !== '');
  return offline && isModelChosen && changes.offline === undefined
    ? [{ path: ['runtime', 'offline'], value: false }]
    : [];
}

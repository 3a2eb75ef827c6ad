// A running Gemini CLI with its session: how it gets there, from the files it reads to the last line of what was said before.
// spec: runtimes 10.4
import { mkdir, readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isJsonObject, type JsonObject, safeParseJson, systemClock } from '@puffo/base';
import { writeFileAtomically } from '@puffo/host';
import type { KeptProgram } from '../../program/program-keeper.ts';
import type { ProgramHandle } from '../../program/program-placement.ts';
import { EngineError } from '../../spec/engine-error.ts';
import type { ProgramEngineOptions } from '../../spec/program-options.ts';
import type { ToolEndpoint } from '../../spec/tools.ts';
import { type AcpPeer, type AcpReply, createAcpPeer } from './acp-peer.ts';
import type { ApprovalPlan } from './approval-plan.ts';
import { buildGeminiCommand, SCRATCH_FOLDER } from './gemini-command.ts';
import { isUnknownSession } from './gemini-failure.ts';
import { mergeGeminiSettings, withoutOwnServer } from './gemini-settings.ts';
import type { AcpError } from './read-acp-message.ts';
import { prepareStoredSession, removeOldSessions } from './session-files.ts';

export interface GeminiSetup {
  readonly options: ProgramEngineOptions;
  readonly approval: ApprovalPlan;
  readonly systemPrompt: string;
  readonly model: string;
  readonly endpoint: ToolEndpoint | undefined;
}

export interface GeminiProgram extends KeptProgram {
  readonly handle: ProgramHandle;
  readonly peer: AcpPeer;
  readonly opened: OpenedSession;
}

export type OpenedSession =
  | { readonly kind: 'ready'; readonly sessionId: string; readonly isResumed: boolean }
  | { readonly kind: 'refused'; readonly error: AcpError }
  /** It ended, or did not answer in time. */
  | { readonly kind: 'ended'; readonly isLate: boolean };

/** From start to session; a busy machine takes its time. */
const START_MS = 120_000;

/** Fails with an `EngineError` when it cannot be started at all. `sessionId`: goes on with it, or begins anew. */
export async function startGeminiProgram(setup: GeminiSetup, sessionId: string | undefined): Promise<GeminiProgram> {
  const { options, model, approval, endpoint } = setup;
  await prepareFiles(setup);
  await removeOldSessions(options.agentDir, { clock: systemClock, keep: sessionId });
  if (sessionId !== undefined) await prepareStoredSession(options.agentDir, sessionId);
  const command = buildGeminiCommand(options, { model, approval, toolToken: endpoint?.token });
  const handle = await options.placement.start(command);
  const peer = createAcpPeer(handle);
  const late = new AbortController();
  const timer = setTimeout(() => {
    late.abort();
    void handle.stop();
  }, START_MS);
  try {
    const opened = await openAcpSession(peer, { folder: options.workspaceDir, sessionId });
    const found = opened.kind === 'ended' ? { ...opened, isLate: late.signal.aborted } : opened;
    return { handle, peer, opened: found, ended: handle.ended, stop: () => handle.stop() };
  } finally {
    clearTimeout(timer);
  }
}

interface Wanted {
  readonly folder: string;
  readonly sessionId: string | undefined;
}

/** Tools of its own only: files and commands of ours are not offered to it. */
const HELLO: JsonObject = {
  protocolVersion: 1,
  clientCapabilities: { fs: { readTextFile: false, writeTextFile: false } },
};

async function openAcpSession(peer: AcpPeer, { folder, sessionId }: Wanted): Promise<OpenedSession> {
  const greeted = await peer.request('initialize', HELLO);
  if (greeted.kind !== 'result') return refusal(greeted);
  if (sessionId !== undefined) {
    const loaded = await peer.request('session/load', { sessionId, cwd: folder, mcpServers: [] });
    if (loaded.kind === 'result') {
      await untilQuiet(peer);
      return { kind: 'ready', sessionId, isResumed: true };
    }
    if (loaded.kind === 'ended' || !isUnknownSession(loaded.error)) return refusal(loaded);
  }
  const begun = await peer.request('session/new', { cwd: folder, mcpServers: [] });
  if (begun.kind !== 'result') return refusal(begun);
  const { sessionId: newId } = begun.result;
  if (typeof newId === 'string') return { kind: 'ready', sessionId: newId, isResumed: false };
  return { kind: 'refused', error: { code: 0, message: 'A session without an id' } };
}

function refusal(reply: Exclude<AcpReply, { readonly kind: 'result' }>): OpenedSession {
  return reply.kind === 'ended' ? { kind: 'ended', isLate: false } : { kind: 'refused', error: reply.error };
}

const MAX_PINGS = 10_000;

/**
 * A loaded session is said again after the reply, without an end. Replies go through the same pipe: when nothing comes between two
 * of them, everything has been said.
 */
async function untilQuiet(peer: AcpPeer): Promise<void> {
  let heard = 0;
  peer.listen(() => heard++);
  let quiet = 0;
  for (let count = 0; count < MAX_PINGS && quiet < 2; count++) {
    const before = heard;
    const reply = await peer.request('puffo/ping', {});
    if (reply.kind === 'ended') break;
    quiet = heard === before ? quiet + 1 : 0;
  }
  peer.listen(undefined);
}

async function prepareFiles({ options, systemPrompt, endpoint }: GeminiSetup): Promise<void> {
  const { agentDir, workspaceDir } = options;
  const scratch = join(agentDir, SCRATCH_FOLDER);
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  await removeReports(scratch);
  await writeFileAtomically(join(agentDir, '.gemini', 'GEMINI.md'), systemPrompt);
  const path = join(agentDir, '.gemini', 'settings.json');
  await writeJson(path, mergeGeminiSettings((await readSettings(path)) ?? {}, endpoint));
  const ofWorkspace = join(workspaceDir, '.gemini', 'settings.json');
  const cleaned = withoutOwnServer((await readSettings(ofWorkspace).catch(() => undefined)) ?? {});
  if (cleaned !== undefined) await writeJson(ofWorkspace, cleaned);
}

/** About failures of earlier runs: the conversation is in them. */
async function removeReports(scratch: string): Promise<void> {
  const reports = (await readdir(scratch)).filter((name) => name.startsWith('gemini-client-error-'));
  for (const name of reports) await unlink(join(scratch, name));
}

const SETTINGS_LIMITS = { maxLength: 1024 * 1024, maxDepth: 50, integers: 'any' } as const;

async function readSettings(path: string): Promise<JsonObject | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const parsed = safeParseJson(text, SETTINGS_LIMITS);
  if (parsed.kind === 'value' && isJsonObject(parsed.value)) return parsed.value;
  throw new EngineError(`Cannot start Gemini CLI: ${path} is not plain JSON; repair it or move it away`, {
    code: 'unavailable',
  });
}

async function writeJson(path: string, value: JsonObject): Promise<void> {
  await writeFileAtomically(path, `${JSON.stringify(value, undefined, 2)}\n`);
}

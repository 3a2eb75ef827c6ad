// What is kept of a session of the Agent SDK between two runs, and whether its transcript is still there. spec: runtimes 4.3, 5.3
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isJsonObject } from '@puffo/base';
import type { SessionRef } from '../../spec/engine.ts';
import type { AgentSdkEngineOptions } from './agent-sdk-options.ts';

const HARNESS = 'claude-agent-sdk';
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

export function toSessionRef(id: string | undefined): SessionRef {
  return id === undefined ? null : { harness: HARNESS, session_id: id };
}

/** `undefined`: not ours, or there is nothing to go on with. */
export async function readSessionRef(
  ref: SessionRef | undefined,
  options: AgentSdkEngineOptions,
): Promise<string | undefined> {
  if (!isJsonObject(ref) || ref['harness'] !== HARNESS) return undefined;
  const id = ref['session_id'];
  return typeof id === 'string' && UUID.test(id) && (await hasTranscript(id, options)) ? id : undefined;
}

/** Where the program keeps what was said, by the folder that it works in. */
async function hasTranscript(
  id: string,
  { agentDir, workspaceDir, environment }: AgentSdkEngineOptions,
): Promise<boolean> {
  const config = environment['CLAUDE_CONFIG_DIR'] ?? join(agentDir, '.claude');
  const project = workspaceDir.replaceAll(/[^\dA-Za-z]/g, '-');
  try {
    return (await stat(join(config, 'projects', project, `${id}.jsonl`))).isFile();
  } catch {
    // It is gone, or cannot be read: the same for us.
    return false;
  }
}

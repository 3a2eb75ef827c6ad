// What the acceptance tests of `puffo-agent` ask of a home.
import { spawnSync } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { expect } from 'vitest';
import { isJsonObject, type JsonObject, safeParseJson } from '@puffo/base';
import type { AgentHome } from './agent-home.ts';

export const HELPER = 'helper-9a7c';

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

export async function listAll(folder: string): Promise<readonly string[]> {
  return (await readdir(folder, { recursive: true })).toSorted();
}

export async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}

/** The value of a line such as `  api_key: k`, as it is written. */
export function fieldOf(yaml: string, name: string): string | undefined {
  return new RegExp(`^ *${name}: ?(.*)$`, 'm').exec(yaml)?.[1];
}

/** The file as a parser of YAML 1.1 has it; `undefined`: there is none on this machine. */
export function readWithPyYaml(text: string): JsonObject | undefined {
  const reader = 'import json,sys,yaml;json.dump(yaml.safe_load(sys.stdin.buffer.read().decode("utf-8")),sys.stdout)';
  const { status, stdout } = spawnSync('python3', ['-c', reader], { input: text, encoding: 'utf8' });
  if (status !== 0) return undefined;
  const result = safeParseJson(stdout, { maxLength: 100_000, maxDepth: 10, integers: 'any' });
  return result.kind === 'value' && isJsonObject(result.value) ? result.value : undefined;
}

export async function createX(home: AgentHome, ...options: readonly string[]): Promise<void> {
  const { exitCode, problems } = await home.run([
    'agent',
    'create',
    '--id',
    'x',
    '--api-key',
    'k-secret-1',
    ...options,
  ]);
  expect({ exitCode, problems }).toEqual({ exitCode: 0, problems: '' });
}

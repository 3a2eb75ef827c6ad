// The secrets of a home, to be kept out of what is passed on.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonValue } from '@puffo/base';
import type { YamlNode } from '@puffo/agent/config';
import type { YamlEdit, YamlPath } from './edit-yaml.ts';
import type { AgentPaths, Home } from './home.ts';
import { readJsonFile } from './json-file.ts';
import { readYamlFile } from './yaml-file.ts';

const SECRET_FIELD = /(?:api_?key|token|secret|password|passphrase)$/i;
/** Whatever is in it: variables are where people put keys. */
const SECRET_SECTION = /^(?:env|env_overrides)$/i;

export async function secretsOf(home: Home, agent: AgentPaths): Promise<readonly string[]> {
  const files = await Promise.all([home.daemonFile, agent.agentFile].map((path) => readYamlFile(path)));
  const configured = files.flatMap((file) => (file.kind === 'read' ? listSecretValues(file.tree) : []));
  const keys = await Promise.all((await listKeyFiles(agent)).map((path) => readJsonFile(path)));
  const held = keys.flatMap((file) => Object.entries(file ?? {}).flatMap(([name, value]) => secretText(name, value)));
  return [...new Set([...configured, ...held])].filter((text) => text !== '');
}

/** Edits that blank every secret of an `agent.yml`. */
export function blankSecrets(tree: YamlNode | undefined): readonly YamlEdit[] {
  return listSecretFields(tree).map(({ path }) => ({ path, value: '' }));
}

function listSecretValues(tree: YamlNode | undefined): readonly string[] {
  return listSecretFields(tree).map(({ text }) => text);
}

interface SecretField {
  readonly path: YamlPath;
  readonly text: string;
}

function listSecretFields(
  node: YamlNode | undefined,
  path: readonly string[] = [],
  isSecret = false,
): readonly SecretField[] {
  if (node?.kind === 'scalar') {
    const [first, ...rest] = path;
    return isSecret && first !== undefined && node.text !== '' ? [{ path: [first, ...rest], text: node.text }] : [];
  }
  if (node?.kind !== 'map') return [];
  return [...node.members].flatMap(([name, member]) =>
    listSecretFields(member, [...path, name], isSecret || SECRET_FIELD.test(name) || SECRET_SECTION.test(name)),
  );
}

function secretText(name: string, value: JsonValue): readonly string[] {
  return name.endsWith('_secret_key') && typeof value === 'string' ? [value] : [];
}

async function listKeyFiles({ keysFolder }: AgentPaths): Promise<readonly string[]> {
  try {
    const names = await readdir(keysFolder);
    return names.filter((name) => name.endsWith('.json')).map((name) => join(keysFolder, name));
  } catch {
    // No keys yet.
    return [];
  }
}

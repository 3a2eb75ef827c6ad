// One agent as a ZIP. spec: daemon-and-cli 4.16, D-38
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { editYaml } from './edit-yaml.ts';
import { selectForExport } from './export-selection.ts';
import type { AgentPaths, Home } from './home.ts';
import { isFile } from './list-agents.ts';
import { blankSecrets, secretsOf } from './secrets-of.ts';
import { writeZip, type ZipEntry } from './write-zip.ts';
import { readYamlFile } from './yaml-file.ts';

/** Own ones hold what was said, too; the client's also the keys of what is on its way. */
const DATABASES = ['messages.db', 'puffo-agent.db'];
const SECRET_DATABASE = 'puffo-client.db';

export interface ExportRequest {
  readonly home: Home;
  readonly target: string;
  readonly isWithSecrets: boolean;
  /** ms */
  readonly now: number;
}

export interface ExportedFolder {
  readonly files: number;
  readonly leftOut: readonly string[];
}

export async function exportAgentFolder(agent: AgentPaths, request: ExportRequest): Promise<ExportedFolder> {
  const { home, target, isWithSecrets, now } = request;
  const temporary = await mkdtemp(join(tmpdir(), 'puffo-export-'));
  try {
    const names = isWithSecrets ? [...DATABASES, SECRET_DATABASE] : DATABASES;
    const databases = await snapshotDatabases(agent, { names, temporary, now });
    const left = isWithSecrets ? [] : [SECRET_DATABASE];
    const config = isWithSecrets ? undefined : await blankConfig(agent, now);
    const except = new Set([
      ...[...databases.map(({ name }) => name), ...left].flatMap((name) => [name, `${name}-wal`, `${name}-shm`]),
      ...(isWithSecrets ? [] : ['agent.yml']),
    ]);
    const secrets = isWithSecrets ? [] : await secretsOf(home, agent);
    const selection = await selectForExport(agent, { isWithSecrets, secrets, except });
    const entries = [config, ...databases, ...selection.files].filter((entry) => entry !== undefined);
    await writeZip(
      target,
      entries.map((entry) => ({ ...entry, name: `${agent.id}/${entry.name}` })),
    );
    const lost = !isWithSecrets && config === undefined ? ['agent.yml'] : [];
    return { files: entries.length, leftOut: [...lost, ...selection.leftOut] };
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

interface Snapshots {
  readonly names: readonly string[];
  readonly temporary: string;
  readonly now: number;
}

/** As of one moment, also while a daemon writes them. Those that are damaged go as they are. */
async function snapshotDatabases(
  { folder }: AgentPaths,
  { names, temporary, now }: Snapshots,
): Promise<readonly ZipEntry[]> {
  const entries: ZipEntry[] = [];
  for (const name of names) {
    const file = join(folder, name);
    const path = join(temporary, name);
    if ((await isFile(file)) && (await isSnapshotTaken(file, path))) entries.push({ name, path, modifiedAt: now });
  }
  return entries;
}

async function isSnapshotTaken(file: string, path: string): Promise<boolean> {
  // Loaded here, because it is heavy and commands start often.
  const { snapshotSqlite, SqlError } = await import('@puffo/sql');
  try {
    snapshotSqlite(file, path);
    return true;
  } catch (error) {
    if (error instanceof SqlError) return false;
    throw error;
  }
}

/** `undefined`: it is damaged, so nobody knows what is secret in it. */
async function blankConfig({ agentFile }: AgentPaths, now: number): Promise<ZipEntry | undefined> {
  const file = await readYamlFile(agentFile);
  if (file.kind !== 'read') return undefined;
  const edited = editYaml(file.text, blankSecrets(file.tree));
  return edited.kind === 'edited' ? { name: 'agent.yml', text: edited.text, modifiedAt: now } : undefined;
}

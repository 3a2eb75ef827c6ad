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

const DATABASE_FILES = ['messages.db', 'messages.db-wal', 'messages.db-shm'];

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
    const database = await snapshotDatabase(agent, { temporary, now });
    const config = isWithSecrets ? undefined : await blankConfig(agent, now);
    const except = new Set([
      ...(database === undefined ? [] : DATABASE_FILES),
      ...(isWithSecrets ? [] : ['agent.yml']),
    ]);
    const secrets = isWithSecrets ? [] : await secretsOf(home, agent);
    const selection = await selectForExport(agent, { isWithSecrets, secrets, except });
    const entries = [config, database, ...selection.files].filter((entry) => entry !== undefined);
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

interface Snapshot {
  readonly temporary: string;
  readonly now: number;
}

/** As of one moment, also while a daemon writes it. `undefined`: there is none, or it is damaged and goes as it is. */
async function snapshotDatabase(
  { databaseFile }: AgentPaths,
  { temporary, now }: Snapshot,
): Promise<ZipEntry | undefined> {
  if (!(await isFile(databaseFile))) return undefined;
  // Loaded here, because it is heavy and commands start often.
  const { snapshotSqlite, SqlError } = await import('@puffo/sql');
  const path = join(temporary, 'messages.db');
  try {
    snapshotSqlite(databaseFile, path);
    return { name: 'messages.db', path, modifiedAt: now };
  } catch (error) {
    if (error instanceof SqlError) return undefined;
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

import { createHash } from 'node:crypto';
import { cp, chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { systemClock } from '@puffo/base';
import type { OperationContext } from '../../src/operations/context.ts';
import { createHome, type Home } from '../../src/home/home.ts';

const FIXTURE = new URL('../../../../fixtures/home-0.7.2', import.meta.url).pathname;

export interface TemporaryHome extends AsyncDisposable {
  /** Above the home. */
  readonly folder: string;
  readonly home: Home;
  readonly warnings: readonly string[];
  context(changes?: Partial<OperationContext>): OperationContext;
}

/** Does not exist yet. */
export async function makeTemporaryHome(): Promise<TemporaryHome> {
  const folder = await mkdtemp(join(tmpdir(), 'puffo-daemon-'));
  const home = createHome(join(folder, 'home'));
  const warnings: string[] = [];
  return {
    folder,
    home,
    warnings,
    context: (changes = {}) => ({
      home,
      environment: { PATH: '/usr/bin:/bin' },
      homeFolder: join(folder, 'user'),
      platform: 'linux',
      now: systemClock,
      readArguments: () => Promise.resolve(undefined),
      warn: (text) => warnings.push(text),
      ...changes,
    }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A copy of what 0.7.2 wrote. */
export async function copyFixtureHome(): Promise<TemporaryHome> {
  const temporary = await makeTemporaryHome();
  await cp(FIXTURE, temporary.home.folder, { recursive: true });
  for (const path of await listFiles(temporary.home.folder)) await chmod(join(temporary.home.folder, path), 0o644);
  return temporary;
}

/** Every file below `folder` by its relative path, no links. */
async function listFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .toSorted();
}

/** Every file by its path, with a digest of what is in it. */
export async function readAll(folder: string): Promise<ReadonlyMap<string, string>> {
  const paths = await listFiles(folder);
  const contents = await Promise.all(paths.map((path) => digest(join(folder, path))));
  return new Map(paths.map((path, at) => [path, contents[at] ?? '']));
}

async function digest(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

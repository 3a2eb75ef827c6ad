// A YAML file of the home: read, and changed under a lock, over a change that somebody made meanwhile.
// spec: daemon-and-cli 1.3, D-2, D-12
import { basename, dirname, join } from 'node:path';
import { readPrivateFile } from '@puffo/host/read-files';
import type { YamlNode } from '@puffo/agent/config';
import { DaemonError } from '../daemon-error.ts';
import type { YamlEdit } from './edit-yaml.ts';
import { readSimpleYaml } from './read-simple-yaml.ts';

const MAX_BYTES = 1024 * 1024;
/** 0.7.2 does not know the lock: what it writes in between is taken up. */
const MAX_ATTEMPTS = 5;

export type YamlFile =
  | { readonly kind: 'missing' }
  | { readonly kind: 'read'; readonly tree: YamlNode | undefined; readonly text: string }
  | { readonly kind: 'damaged'; readonly problem: string };

export async function readYamlFile(path: string): Promise<YamlFile> {
  const file = await readPrivateFile(path, { maxBytes: MAX_BYTES });
  if (file === undefined) return { kind: 'missing' };
  const { text } = file;
  const simple = readSimpleYaml(text);
  if (simple.kind === 'read') return { kind: 'read', tree: simple.tree, text };
  // Loaded when it is needed: it is heavy, and commands start often.
  const { parseYaml } = await import('./parse-yaml.ts');
  const parse = parseYaml(text);
  if (parse.kind === 'parsed') return { kind: 'read', tree: parse.tree, text };
  return { kind: 'damaged', problem: `Cannot read ${path}: ${parse.reason}; repair it with an editor` };
}

export interface YamlChange {
  /** What to change, from what the file says now; none: it is left alone. */
  readonly editsOf: (tree: YamlNode | undefined) => readonly YamlEdit[];
  /** The file if there is none; absent: then it fails with `not-found`. */
  readonly initial?: string;
}

/** Whether the file was written. Its folder exists. */
export async function changeYamlFile(path: string, change: YamlChange): Promise<boolean> {
  const { withFileLock } = await import('@puffo/host/files');
  return withFileLock(join(dirname(path), `.${basename(path)}.lock`), async () => {
    for (let attempt = 1; ; attempt++) {
      const result = await tryToChange(path, change);
      if (result !== 'overtaken') return result === 'written';
      if (attempt === MAX_ATTEMPTS) {
        throw new DaemonError(`Cannot write ${path}: another program keeps changing it; try again`, {
          code: 'failed',
          retryable: true,
        });
      }
    }
  });
}

async function tryToChange(path: string, { editsOf, initial }: YamlChange): Promise<'written' | 'same' | 'overtaken'> {
  const before = await readYamlFile(path);
  if (before.kind === 'damaged') throw new DaemonError(before.problem, { code: 'invalid-file' });
  if (before.kind === 'missing' && initial === undefined) {
    throw new DaemonError(`Cannot change ${path}: there is no such file`, { code: 'not-found' });
  }
  const base = before.kind === 'read' ? before.text : (initial ?? '');
  const edits = editsOf(before.kind === 'read' ? before.tree : undefined);
  if (edits.length === 0 && before.kind === 'read') return 'same';
  const { editYaml } = await import('./edit-yaml.ts');
  const edited = editYaml(base, edits);
  if (edited.kind === 'refused') {
    throw new DaemonError(`Cannot change ${path}: ${edited.reason}; change it with an editor`, {
      code: 'invalid-file',
    });
  }
  if (before.kind === 'read' && edited.text === before.text) return 'same';
  const { writePrivateFile } = await import('@puffo/host/files');
  const now = await readPrivateFile(path, { maxBytes: MAX_BYTES });
  if (now?.text !== (before.kind === 'read' ? before.text : undefined)) return 'overtaken';
  await writePrivateFile(path, edited.text);
  return 'written';
}

// The notes of an agent as files: one topic each. Links among them would lead elsewhere, and are not followed.
// spec: mcp-tools 9, runtimes 9
import { relative, sep } from 'node:path';
import { cleanLine } from '@puffo/agent';
import { createGuardedFolder, type GuardedFolder } from '../../prepare/guarded-folder.ts';
import { isInside } from '../files/workspace-path.ts';
import { ToolError } from '../tool-error.ts';
import type { ToolParts } from '../tool-parts.ts';

export const MAX_TOPIC_BYTES = 32 * 1024;
export const MAX_MEMORY_BYTES = 256 * 1024;
/** Of the snapshot that stands in the prompt. */
export const PROMPT_BYTES = 64 * 1024;
const MAX_TOPICS = 500;
const TOPIC = /^[a-z0-9][a-z0-9-]{0,63}$/;
const TRASH = '.trash';

export interface Topic {
  readonly topic: string;
  readonly fileName: string;
  readonly bytes: number;
  /** ms */
  readonly changedAt: number;
}

export interface MemoryFolder {
  list(): Promise<readonly Topic[]>;
  /** `undefined`: there is none. */
  read(fileName: string): Promise<string | undefined>;
  write(fileName: string, text: string): Promise<void>;
  /** `trashName`: under which it is kept for a while. */
  trash(fileName: string, trashName: string): Promise<void>;
  /** Removes what was thrown away before (ms). */
  emptyTrash(before: number): Promise<void>;
}

export function openMemoryFolder({
  memoryDir,
  workspaceDir,
}: Pick<ToolParts, 'memoryDir' | 'workspaceDir'>): MemoryFolder {
  const inside = relative(workspaceDir, memoryDir);
  const isNear = isInside(inside);
  const folder = createGuardedFolder(isNear ? workspaceDir : memoryDir);
  const place = isNear ? inside.split(sep).join('/') : '';

  function nameOf(fileName: string): string {
    return place === '' ? fileName : `${place}/${fileName}`;
  }

  return {
    list: () => listTopics(folder, place),
    async read(fileName) {
      const file = await folder.read(nameOf(fileName), { maxBytes: MAX_TOPIC_BYTES * 4 });
      return file === undefined ? undefined : new TextDecoder().decode(file.bytes);
    },
    async write(fileName, text) {
      await folder.write(nameOf(fileName), text);
    },
    async trash(fileName, trashName) {
      const file = await folder.read(nameOf(fileName), { maxBytes: MAX_TOPIC_BYTES * 4 });
      if (file === undefined) return;
      await folder.write(nameOf(`${TRASH}/${trashName}`), file.bytes);
      await folder.remove(nameOf(fileName));
    },
    async emptyTrash(before) {
      for (const entry of await folder.list(nameOf(TRASH))) {
        const name = nameOf(`${TRASH}/${entry.name}`);
        const stats = folder.find(name);
        if (stats !== undefined && stats.mtimeMs < before) await folder.remove(name);
      }
    },
  };
}

async function listTopics(folder: GuardedFolder, place: string): Promise<readonly Topic[]> {
  const entries = await folder.list(place);
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md') && entry.name !== 'README.md')
    .slice(0, MAX_TOPICS)
    .flatMap(({ name }) => {
      const stats = folder.find(place === '' ? name : `${place}/${name}`);
      return stats === undefined
        ? []
        : [{ topic: name.slice(0, -'.md'.length), fileName: name, bytes: stats.size, changedAt: stats.mtimeMs }];
    });
}

/** As agents write them, to how files are called. */
export function readTopic(given: string): string {
  const topic = given
    .trim()
    .replace(/\.md$/i, '')
    .toLowerCase()
    .replaceAll(/[\s_]+/g, '-');
  if (TOPIC.test(topic) && topic !== 'readme') return topic;
  const problem = topic === 'readme' ? 'it is reserved' : 'a topic has 1 to 64 of a-z, 0-9 and -';
  throw new ToolError('invalid_argument', `Cannot use the topic '${cleanLine(given, 100)}': ${problem}`);
}

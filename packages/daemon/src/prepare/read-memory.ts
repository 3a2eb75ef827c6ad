// The notes of an agent, which it writes itself: links among them would show it files of the operator.
// spec: daemon-and-cli 1.16, runtimes 9, D-36
import type { MemoryNote } from '@puffo/agent';
import type { Logger } from '@puffo/base';
import { type AgentFolders, pathInside } from './agent-folders.ts';
import { attempt } from './attempt.ts';
import { createGuardedFolder, type GuardedFolder } from './guarded-folder.ts';
import { readAgentText } from './read-agent-text.ts';

/** Of all notes together: they are paid for on every turn. */
const MAX_BYTES = 64 * 1024;
const MAX_NOTES = 500;

/** In the order of their names. What does not fit is named with its size, so that the agent can look at it or tidy up. */
export async function readMemory({ memory, workspace }: AgentFolders, logger: Logger): Promise<readonly MemoryNote[]> {
  const inside = pathInside(workspace.path, memory);
  const folder = inside === undefined ? createGuardedFolder(memory) : workspace;
  const prefix = inside === undefined ? '' : `${inside}/`;
  const names = await listNotes(folder, inside ?? '');
  if (names.length > MAX_NOTES) logger.warn('memory-cut', { path: memory, notes: names.length, kept: MAX_NOTES });
  const notes: MemoryNote[] = [];
  let leftBytes = MAX_BYTES;
  for (const fileName of names.slice(0, MAX_NOTES)) {
    const note = await attempt('memory', logger, () =>
      readNote(folder, prefix + fileName, { fileName, leftBytes, logger }),
    );
    if (note === undefined) continue;
    leftBytes -= note.bytes;
    notes.push({ fileName, text: note.text });
  }
  return notes;
}

async function listNotes(folder: GuardedFolder, name: string): Promise<readonly string[]> {
  const entries = await folder.list(name);
  return entries.map((entry) => entry.name).filter((each) => each.endsWith('.md') && each !== 'README.md');
}

interface NoteOptions {
  readonly fileName: string;
  readonly leftBytes: number;
  readonly logger: Logger;
}

interface ReadNote {
  readonly text: string;
  readonly bytes: number;
}

/** `undefined`: it is gone by now. */
async function readNote(
  folder: GuardedFolder,
  name: string,
  { fileName, leftBytes, logger }: NoteOptions,
): Promise<ReadNote | undefined> {
  const file = await folder.read(name, { maxBytes: leftBytes });
  if (file === undefined) return undefined;
  if (!file.isCut)
    return { text: readAgentText(file, { path: `${folder.path}/${name}`, logger }), bytes: file.bytes.length };
  const size = folder.find(name)?.size ?? 0;
  logger.warn('memory-note-left-out', { path: `${folder.path}/${name}`, sizeBytes: size });
  return {
    text: `(Not shown: ${fileName} has ${size} bytes, and there is no room for it. Notes are to be short.)`,
    bytes: 0,
  };
}

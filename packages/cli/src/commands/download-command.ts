import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type EnvelopeId, isEnvelopeId } from '@puffo/protocol';
import { CliError } from '../cli-error.ts';
import type { CommandDefinition, Outcome } from '../command.ts';
import { numbered, toFileName } from '../messages/file-name.ts';
import { receivePending } from '../messages/receive-pending.ts';
import { contentOf, type ShownMessage } from '../messages/shown-message.ts';
import { cleanName } from '../output/clean-text.ts';
import { formatSize } from '../output/format-size.ts';
import { type SignedInCall, signedIn } from '../signed-in/with-signed-in.ts';

const MAX_SAME_NAMES = 1000;

export const downloadCommand: CommandDefinition = {
  name: 'download',
  summary: 'save the files of a message',
  arguments: [{ name: 'message-id', help: 'as puffo-cli read prints it' }],
  options: [{ flag: 'out', value: 'folder', help: 'where to; this folder if not given' }],
  notes: ['Never replaces a file that is there: a second one of a name gets a number.'],
  examples: [
    'download msg_0e37df36-f698-41e6-9dbb-12d92ee4a0f8',
    'download msg_0e37df36-f698-41e6-9dbb-12d92ee4a0f8 --out plans',
  ],
  run: signedIn(download),
};

async function download(signedInCall: SignedInCall): Promise<Outcome> {
  const { call, attachments } = signedInCall;
  const id = call.argument('message-id');
  if (!isEnvelopeId(id))
    throw new CliError('usage', 'Cannot find that message: an id is msg_ and a UUID, as puffo-cli read prints it');
  const content = contentOf(await findMessage(signedInCall, id));
  const metas = content.kind === 'attachments' ? content.attachments : [];
  if (metas.length === 0) throw new CliError('failed', `Cannot download from ${id}: it has no files`);
  const folder = call.option('out') ?? '.';
  await mkdir(folder, { recursive: true });
  const saved = [];
  let failures = 0;
  for await (const file of attachments.downloadFiles(metas, { signal: call.world.stop })) {
    if (file.kind === 'file') {
      const path = await saveNew(folder, { name: toFileName(file.attachment.filename), bytes: file.bytes });
      saved.push({ path, size: file.bytes.length, mime_type: file.attachment.mimeType });
    } else {
      failures++;
      call.terminal.note(`${cleanName(file.attachment.filename)}: ${cleanName(file.message, 300)}`);
    }
  }
  if (failures > 0) {
    throw new CliError('failed', `Cannot download everything: ${failures} of ${metas.length} files failed, try again`);
  }
  return { json: saved, lines: saved.map(({ path, size }) => `Saved ${path} (${formatSize(size)}).`) };
}

async function findMessage(signedInCall: SignedInCall, id: EnvelopeId): Promise<ShownMessage> {
  const { messages } = signedInCall.database;
  const known = await messages.find(id);
  if (known !== undefined) return known;
  await receivePending(signedInCall);
  const received = await messages.find(id);
  if (received !== undefined) return received;
  throw new CliError('failed', `Cannot find ${id}: it did not come to this device, see puffo-cli read`);
}

/** Opened exclusively, so neither a file nor a link that is there is written to. */
async function saveNew(
  folder: string,
  { name, bytes }: { readonly name: string; readonly bytes: Uint8Array },
): Promise<string> {
  for (let number = 1; number <= MAX_SAME_NAMES; number++) {
    const path = join(folder, numbered(name, number));
    try {
      await writeFile(path, bytes, { flag: 'wx' });
      return path;
    } catch (error) {
      const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST';
      if (!exists) throw error;
    }
  }
  throw new CliError('failed', `Cannot save ${name}: there are too many files of that name, choose another --out`);
}

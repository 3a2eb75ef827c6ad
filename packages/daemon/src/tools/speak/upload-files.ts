// Reading all files, then uploading all of them. spec: mcp-tools 5.2
import { cleanLine } from '@puffo/agent';
import { createSlots } from '@puffo/base';
import { ClientError, type FileToUpload } from '@puffo/client';
import { LIMITS, type OutgoingAttachment } from '@puffo/protocol';
import { attachmentNames } from '../../worker/attachment-names.ts';
import { mimeTypeOf } from '../files/mime-type.ts';
import { readWorkspaceFile } from '../files/read-workspace-file.ts';
import { showSize } from '../files/show-size.ts';
import type { ToolContext } from '../tool-context.ts';
import { ToolError } from '../tool-error.ts';
import type { ToolParts } from '../tool-parts.ts';

const MAX_TOTAL_BYTES = LIMITS.inboundFilesBytes;
const UPLOADS_AT_ONCE = 3;
const UPLOAD_ATTEMPTS = 3;
const MAX_GIVEN = 200;

/** All problems at once. */
export async function readFiles(paths: readonly string[], parts: ToolParts): Promise<readonly FileToUpload[]> {
  const problems: string[] = [];
  const found: { readonly name: string; readonly bytes: Uint8Array }[] = [];
  let total = 0;
  let tooLarge = false;
  for (const path of paths) {
    const reading = await readWorkspaceFile(path, parts);
    if (reading.kind === 'refused') {
      tooLarge ||= reading.problem.includes('MiB');
      problems.push(`'${cleanLine(path, MAX_GIVEN)}' ${reading.problem}`);
      continue;
    }
    total += reading.file.bytes.length;
    if (total > MAX_TOTAL_BYTES) break;
    found.push(reading.file);
  }
  if (problems.length > 0) {
    const code = tooLarge && problems.length === 1 ? 'too_large' : 'invalid_argument';
    throw new ToolError(
      code,
      `Cannot send these files, and nothing was uploaded:\n${problems.map((each) => `- ${each}`).join('\n')}`,
    );
  }
  if (total > MAX_TOTAL_BYTES) {
    const message = `Cannot send these files: they have more than ${showSize(MAX_TOTAL_BYTES)} together; send them in several messages`;
    throw new ToolError('too_large', message);
  }
  const names = attachmentNames(found.map(({ name }) => ({ filename: name, blobId: 'file' })));
  return found.map(({ bytes }, at) => {
    const filename = names[at] ?? 'file';
    return { filename, mimeType: mimeTypeOf(filename), bytes };
  });
}

export async function uploadAll(
  files: readonly FileToUpload[],
  context: ToolContext,
): Promise<readonly OutgoingAttachment[]> {
  const slots = createSlots(UPLOADS_AT_ONCE);
  const failing = new AbortController();
  const signal = AbortSignal.any([context.signal, failing.signal]);
  let uploaded = 0;
  const uploads = files.map((file) =>
    slots.run(async () => {
      const attachment = await uploadOne(file, { parts: context.parts, signal });
      uploaded++;
      return attachment;
    }),
  );
  try {
    return await Promise.all(uploads);
  } catch (error) {
    failing.abort();
    await Promise.allSettled(uploads);
    // They stay on the server, and nobody has their keys.
    context.parts.logger.warn('uploads-left-behind', { count: uploaded });
    throw error;
  }
}

async function uploadOne(
  file: FileToUpload,
  { parts, signal }: { readonly parts: ToolParts; readonly signal: AbortSignal },
): Promise<OutgoingAttachment> {
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    try {
      return await parts.client.attachments.uploadFile(file, { signal });
    } catch (error) {
      const mayPass =
        error instanceof ClientError &&
        (error.retryable || error.code === 'server-failed' || error.code === 'unreachable');
      if (!mayPass || attempt === UPLOAD_ATTEMPTS) throw error;
    }
  }
}

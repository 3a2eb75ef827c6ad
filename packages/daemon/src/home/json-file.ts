import { isJsonObject, type JsonObject, safeParseJson } from '@puffo/base/light';
import { HostError, readPrivateFile } from '@puffo/host/read-files';

const MAX_BYTES = 1024 * 1024;
const MAX_DEPTH = 32;

/** `undefined`: there is none, or it holds no object. Nobody's work is lost when such a file is written anew. */
export async function readJsonFile(path: string): Promise<JsonObject | undefined> {
  const text = await readText(path);
  if (text === undefined) return undefined;
  const result = safeParseJson(text, { maxLength: MAX_BYTES, maxDepth: MAX_DEPTH, integers: 'any' });
  return result.kind === 'value' && isJsonObject(result.value) ? result.value : undefined;
}

async function readText(path: string): Promise<string | undefined> {
  try {
    const file = await readPrivateFile(path, { maxBytes: MAX_BYTES });
    return file?.text;
  } catch (error) {
    // Damaged is as good as absent, as 0.7.2 has it; what this user may not read is not.
    if (error instanceof HostError && ['too-large', 'not-text', 'not-a-file'].includes(error.code)) return undefined;
    throw error;
  }
}

/** Two spaces and no line break at the end, as 0.7.2 writes. Its folder exists. */
export async function writeJsonFile(path: string, value: JsonObject): Promise<void> {
  // Loaded when it is needed: most commands write nothing.
  const { writePrivateFile } = await import('@puffo/host/files');
  await writePrivateFile(path, JSON.stringify(value, undefined, 2));
}

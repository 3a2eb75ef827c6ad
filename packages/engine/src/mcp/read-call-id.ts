// Which call this is: the same id again is the same call, whatever carried it. spec: mcp-tools 3.5
import { isJsonObject, type JsonValue, type Random } from '@puffo/base';

/** Where the stdio proxy puts the id that it makes. */
export const PROXY_CALL_ID = 'puffo/callId';

const MAX_ID = 200;
const ID_BYTES = 16;

/** `meta`: the `_meta` member of the parameters of a call. */
export function readCallId(meta: JsonValue | undefined, random: Random): string {
  return findCallId(meta) ?? `call-${Buffer.from(random.bytes(ID_BYTES)).toString('hex')}`;
}

function findCallId(meta: JsonValue | undefined): string | undefined {
  if (!isJsonObject(meta)) return undefined;
  const claude = readId(meta['claudecode/toolUseId']);
  if (claude !== undefined) return claude;
  // Codex counts its calls anew in every thread.
  const [threadId, callId] = [readId(meta['threadId']), readId(meta['callId'])];
  if (threadId !== undefined && callId !== undefined) return `${threadId}/${callId}`;
  return readId(meta[PROXY_CALL_ID]);
}

function readId(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= MAX_ID ? value : undefined;
}

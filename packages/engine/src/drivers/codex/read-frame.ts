// One line of `codex app-server`: JSON-RPC without the member that says so. spec: runtimes 10.3.2
import { isJsonObject, type JsonLimits, type JsonObject, type JsonValue, safeParseJson } from '@puffo/base';

export type FrameId = string | number;

export type CodexFrame =
  | { readonly kind: 'result'; readonly id: FrameId; readonly result: JsonObject }
  /** `word`: says which, where codex has one for it. */
  | { readonly kind: 'error'; readonly id: FrameId; readonly message: string; readonly word: string }
  | { readonly kind: 'request'; readonly id: FrameId; readonly method: string; readonly params: JsonObject }
  | { readonly kind: 'notification'; readonly method: string; readonly params: JsonObject };

const LIMITS: JsonLimits = { maxLength: 32 * 1024 * 1024, maxDepth: 200, integers: 'any' };

/** `undefined`: not a frame. */
export function readFrame(line: string): CodexFrame | undefined {
  const parsed = safeParseJson(line, LIMITS);
  if (parsed.kind !== 'value' || !isJsonObject(parsed.value)) return undefined;
  const frame = parsed.value;
  const { id, method } = frame;
  const params = objectIn(frame, 'params');
  if (typeof method === 'string') {
    return isFrameId(id) ? { kind: 'request', id, method, params } : { kind: 'notification', method, params };
  }
  if (!isFrameId(id)) return undefined;
  if (frame['error'] === undefined) return { kind: 'result', id, result: objectIn(frame, 'result') };
  const error = objectIn(frame, 'error');
  const word = textIn(objectIn(error, 'data'), 'input_error_code');
  return { kind: 'error', id, message: textIn(error, 'message'), word };
}

function isFrameId(id: JsonValue | undefined): id is FrameId {
  return typeof id === 'string' || typeof id === 'number';
}

/** Empty when it is absent or something else. */
export function objectIn(holder: JsonObject, name: string): JsonObject {
  const value = holder[name];
  return isJsonObject(value) ? value : {};
}

/** Empty when it is absent or something else. */
export function textIn(holder: JsonObject, name: string): string {
  const value = holder[name];
  return typeof value === 'string' ? value : '';
}

/** A count: 0 when it is absent or something else. */
export function countIn(holder: JsonObject, name: string): number {
  const value = holder[name];
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0;
}

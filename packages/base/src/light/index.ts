// What every command needs, without the rest; light to load, because commands start often.
export { AppError, type AppErrorOptions } from '../app-error.ts';
export { type Backoff, backoffDelay } from '../backoff.ts';
export { decodeUtf8 } from '../bytes.ts';
export { systemClock } from '../clock.ts';
export { isJsonObject, type JsonObject, type JsonValue, safeParseJson } from '../json.ts';
export type { Random } from '../random.ts';
export { createSlots } from '../slots.ts';

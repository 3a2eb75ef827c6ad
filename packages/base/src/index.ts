export { AppError, type AppErrorOptions, type ErrorField } from './app-error.ts';
export { type Clock, systemClock } from './clock.ts';
export { type Closer, createCloser } from './closer.ts';
export { decodeBase64url, encodeBase64url, isBase64urlOf } from './base64url.ts';
export type { Brand } from './brand.ts';
export { concatBytes, decodeUtf8, encodeUtf8, equalBytes } from './bytes.ts';
export {
  isJsonArray,
  isJsonObject,
  type JsonLimits,
  type JsonObject,
  type JsonProblem,
  type JsonResult,
  type JsonValue,
  safeParseJson,
} from './json.ts';
export { nextTask } from './next-task.ts';
export { type Random, seededRandom, systemRandom } from './random.ts';
export { sleep } from './abort.ts';
export { type AsyncQueue, createAsyncQueue } from './async-queue.ts';
export { type Backoff, backoffDelay } from './backoff.ts';
export { createKeyedMutex, type KeyedMutex } from './keyed-mutex.ts';
export { createLogger, type LogFields, type Logger, type LoggerOptions, silentLogger } from './log.ts';
export { createSingleFlight, type SingleFlight } from './single-flight.ts';
export { createDeferred, type Deferred } from './deferred.ts';
export { createSlots, type Slots } from './slots.ts';

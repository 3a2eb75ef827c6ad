// What a chat session takes and keeps at most.

/** Latest entries of the log; older ones are forgotten. spec: runtimes 2.5 */
export const MAX_LOG_ENTRIES = 60;
/** UTF-8, all entries together. One input has to fit. */
export const MAX_LOG_BYTES = 1024 * 1024;
/** More than any model says at once. */
export const MAX_ANSWER_BYTES = 512 * 1024;
/** An event of a stream is some hundred bytes around a few characters. */
export const MAX_STREAM_BYTES = 64 * 1024 * 1024;
/** The rest of a longer error is not read. */
export const MAX_ERROR_BYTES = 64 * 1024;
/** Between two `progress` events. */
export const PROGRESS_MS = 1000;
/** How often the model is asked in one turn. */
export const MAX_STEPS = 20;
/** In one answer. */
export const MAX_CALLS = 64;
/** Of those that change nothing; the others run one after the other. */
export const MAX_PARALLEL_CALLS = 8;
/** Characters; the model does not see the rest. */
export const MAX_TOOL_ANSWER = 100_000;

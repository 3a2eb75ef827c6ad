// `.puffo-agent/audit.log` of a workspace: what the engine was told and did, for people. The agent can read and change it, so it is
// a trace and no proof. Lines wait in memory, and no turn waits for the disk. spec: daemon-and-cli 1.14, runtimes 5.12
import { type Clock, isJsonArray, isJsonObject, type JsonObject, type JsonValue, type Logger } from '@puffo/base';
import { DaemonError } from '../daemon-error.ts';
import { appendLines } from '../logs/append-lines.ts';
import { createGuardedFolder } from '../prepare/guarded-folder.ts';

export interface AuditLog extends AsyncDisposable {
  readonly clock: Clock;
  /** Returns at once. What does not fit any more is not kept. */
  write(event: AuditEvent, fields: JsonObject): void;
  /** Resolves when what was written before is in the file, or was given up. */
  flush(): Promise<void>;
}

export type AuditEvent = 'session.start' | 'turn.input' | 'assistant.text' | 'tool' | 'turn.end' | 'turn.failed';

export interface AuditLogOptions {
  readonly agentId: string;
  readonly workspaceDir: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits?: Partial<AuditLimits>;
}

export interface AuditLimits {
  /** Of one file; there are three. */
  readonly maxFileBytes: number;
  /** Of what the disk has not taken yet. */
  readonly maxWaitingBytes: number;
}

const AUDIT_LOG = '.puffo-agent/audit.log';
const LIMITS: AuditLimits = { maxFileBytes: 5 * 1024 * 1024, maxWaitingBytes: 2 * 1024 * 1024 };

export function createAuditLog({ agentId, workspaceDir, clock, logger, limits }: AuditLogOptions): AuditLog {
  const { maxFileBytes, maxWaitingBytes } = { ...LIMITS, ...limits };
  const folder = createGuardedFolder(workspaceDir);
  let waiting: string[] = [];
  let waitingBytes = 0;
  let isFailing = false;
  let writing: Promise<void> | undefined;

  function warn(reason: string): void {
    if (!isFailing) logger.warn('audit-log-incomplete', { file: AUDIT_LOG, reason });
    isFailing = true;
  }

  async function writeBatch(text: string): Promise<void> {
    try {
      const stats = folder.find(AUDIT_LOG);
      if (stats?.isFile() === false) throw new DaemonError('it is no file', { code: 'invalid-file' });
      await appendLines(folder.placeFor(AUDIT_LOG), text, { maxBytes: maxFileBytes });
      isFailing = false;
    } catch (error) {
      warn(reasonOf(error));
    }
  }

  async function writeWaiting(): Promise<void> {
    // What an engine says together is one write.
    await Promise.resolve();
    while (waiting.length > 0) {
      const text = waiting.join('');
      waiting = [];
      waitingBytes = 0;
      await writeBatch(text);
    }
    writing = undefined;
  }

  /** What is added meanwhile is written by the same run. */
  async function flush(): Promise<void> {
    writing ??= writeWaiting();
    await writing;
  }

  return {
    clock,
    write(event, fields) {
      const ts = `${new Date(clock()).toISOString().slice(0, SECONDS_LENGTH)}+00:00`;
      const line = `${toLine({ ts, agent: agentId, event }, fields)}\n`;
      const bytes = Buffer.byteLength(line);
      if (waitingBytes + bytes > maxWaitingBytes) return warn('more was said than the disk takes');
      waiting.push(line);
      waitingBytes += bytes;
      void flush();
    },
    flush,
    [Symbol.asyncDispose]: flush,
  };
}

/** `2026-01-31T12:00:00` */
const SECONDS_LENGTH = 19;
const MAX_TEXT = 2000;
const MAX_LINE = 128 * 1024;
const SUFFIX = '... (truncated)';

function toLine(common: JsonObject, fields: JsonObject): string {
  const line = JSON.stringify({ ...common, ...cutFields(fields, cutTexts) });
  // Many short texts are as much as one long text.
  return line.length <= MAX_LINE ? line : JSON.stringify({ ...common, ...cutFields(fields, cutLarge) });
}

function cutLarge(value: JsonValue): JsonValue {
  return isJsonObject(value) || isJsonArray(value) ? cutText(JSON.stringify(value)) : cutTexts(value);
}

function cutTexts(value: JsonValue): JsonValue {
  if (typeof value === 'string') return cutText(value);
  if (isJsonArray(value)) return value.map(cutTexts);
  return isJsonObject(value) ? cutFields(value, cutTexts) : value;
}

function cutFields(fields: JsonObject, cut: (value: JsonValue) => JsonValue): JsonObject {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, cut(value)]));
}

/** By characters, so that none is cut in two. */
function cutText(text: string): string {
  if (text.length <= MAX_TEXT) return text;
  const characters = Array.from(text.slice(0, 2 * MAX_TEXT + 2));
  return characters.length <= MAX_TEXT ? text : `${characters.slice(0, MAX_TEXT).join('')}${SUFFIX}`;
}

function reasonOf(error: unknown): string {
  if (error instanceof DaemonError) return error.message;
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
}

// One line per event: JSON for machines, a short form for the person at a terminal.

/** Constant event name, facts as fields: ids, counts and times; never content, keys, tokens or codes. */
export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface LoggerOptions {
  /** The least that is written. */
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  readonly now: () => number;
  /** Takes one line without its end. */
  readonly write: (line: string) => void;
  /** Whether a person reads along. */
  readonly isTerminal: boolean;
}

type Level = 'debug' | 'info' | 'warn' | 'error';

const LEVELS: readonly string[] = ['debug', 'info', 'warn', 'error', 'silent'];
const MAX_TEXT_CHARACTERS = 4000;
/** A second line of defence: fields of these names are not written, whoever passes them. */
const SECRET_NAME =
  /secret|password|token|signature|authorization|cookie|ciphertext|content$|invite_?code|private|(?<!public_?)key$/i;
const CREDENTIALS_IN_ADDRESS = /(\w:\/\/)[^\s/@]*@/g;
const PLAIN = /^[\w.:/@+-]+$/;

/** Logs nothing. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

export function createLogger({ level, now, write, isTerminal }: LoggerOptions): Logger {
  const format = isTerminal ? toShortForm : toJson;

  function logAt(lineLevel: Level) {
    if (LEVELS.indexOf(lineLevel) < LEVELS.indexOf(level)) return () => undefined;
    return (event: string, fields: LogFields = {}) =>
      write(format({ time: new Date(now()).toISOString(), level: lineLevel, event, fields: cleanFields(fields) }));
  }

  return { debug: logAt('debug'), info: logAt('info'), warn: logAt('warn'), error: logAt('error') };
}

interface Line {
  readonly time: string;
  readonly level: Level;
  readonly event: string;
  readonly fields: LogFields;
}

/** No field takes the place of what every line has. */
function toJson({ time, level, event, fields }: Line): string {
  const common = { time, level, event };
  return JSON.stringify({ ...common, ...fields, ...common });
}

/** Quoted where a value could be taken for something else, or could steer the terminal. */
function toShortForm({ time, level, event, fields }: Line): string {
  const facts = Object.entries(fields).map(([name, value]) => {
    const text = String(value);
    return `${name}=${PLAIN.test(text) ? text : JSON.stringify(text)}`;
  });
  return [time.slice(11, 19), level.padEnd(5), event, ...facts].join(' ');
}

function cleanFields(fields: LogFields): LogFields {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => {
      if (value === undefined) return [];
      if (SECRET_NAME.test(name)) return [[name, '[not logged]']];
      return [[name, typeof value === 'string' ? cleanText(value) : value]];
    }),
  );
}

function cleanText(text: string): string {
  return text.slice(0, MAX_TEXT_CHARACTERS).replace(CREDENTIALS_IN_ADDRESS, '$1[not logged]@');
}

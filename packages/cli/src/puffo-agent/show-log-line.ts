// One line of a log as people read it: `2026-05-10 12:00:03 info  turn-end turn=t1 ms=830`.
import { isJsonObject, type JsonObject, type JsonValue, safeParseJson } from '@puffo/base';
import { formatLocalTime } from './format-local-time.ts';
import { cleanName } from '../output/clean-text.ts';
import { formatJson } from '../output/format-json.ts';

const MAX_LINE_CHARACTERS = 1024 * 1024;
const MAX_DEPTH = 4;
const MAX_VALUE_CHARACTERS = 4000;
const LEVEL_WIDTH = 5;
const PLAIN = /^[\w.:/@+-]+$/;

export interface LogLineOptions {
  /** As it is written; what is no JSON is left out. */
  readonly isJson: boolean;
}

export function showLogLine(line: string, { isJson }: LogLineOptions): string | undefined {
  const parsed = safeParseJson(line, { maxLength: MAX_LINE_CHARACTERS, maxDepth: MAX_DEPTH, integers: 'any' });
  if (parsed.kind === 'refused' || !isJsonObject(parsed.value)) {
    // A line that was cut off when the daemon was killed.
    return isJson ? undefined : cleanName(line, MAX_VALUE_CHARACTERS);
  }
  return isJson ? formatJson(parsed.value) : describe(parsed.value);
}

function describe({ time, level, event, agent: _ofAll, ...facts }: JsonObject): string {
  const at = typeof time === 'string' ? formatLocalTime(Date.parse(time)) : '(no time)';
  return [
    at,
    showText(level).padEnd(LEVEL_WIDTH),
    showText(event),
    ...Object.entries(facts).map(([name, value]) => `${cleanName(name)}=${showValue(value)}`),
  ].join(' ');
}

function showText(value: JsonValue | undefined): string {
  return typeof value === 'string' ? cleanName(value) : '-';
}

/** Quoted where it has more than one word. */
function showValue(value: JsonValue): string {
  const text = typeof value === 'string' && PLAIN.test(value) ? value : JSON.stringify(value);
  return cleanName(text, MAX_VALUE_CHARACTERS);
}

// YAML as 0.7.2 and this program write it, read without the library: blocks of `key: value`, lists of values, comments on
// lines of their own. Loading the library takes longer than everything else that `status` does, and a daemon reads every
// `agent.yml` every few seconds. Whatever is not surely of this form is left to the library.
import type { YamlNode } from '@puffo/agent/config';

const MAX_LINES = 5000;
const KEY = /^( *)([A-Za-z_][\w-]*):(?: (.*))?$/;
const ITEM = /^( *)- (.*)$/;
const IGNORED = /^ *(?:#.*)?$/;
/** No indicator at the start, nothing that begins a comment or another key, no blank at the end. */
const PLAIN = /^[^\s\-?:,[\]{}#&*!|>'"%@`](?:[^:#]|:(?=\S)|(?<=\S)#)*$/;
const SINGLE_QUOTED = /^'((?:[^']|'')*)'$/;
const ENDS_BLANK = /\s$/;
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const UNUSUAL = /[\u0000-\u0009\u000b-\u001f\u007f-\u00a0\u2028\u2029\ufeff]/;

export type SimpleYaml =
  | { readonly kind: 'read'; readonly tree: YamlNode | undefined }
  /** It may be anything: ask the library. */
  | { readonly kind: 'unsure' };

const UNSURE: SimpleYaml = { kind: 'unsure' };

interface Line {
  readonly indent: number;
  /** `undefined`: an item of a list. */
  readonly key: string | undefined;
  readonly value: string;
}

export function readSimpleYaml(text: string): SimpleYaml {
  if (UNUSUAL.test(text)) return UNSURE;
  const lines = splitLines(text);
  if (lines === undefined) return UNSURE;
  if (lines.length === 0) return { kind: 'read', tree: undefined };
  const cursor: Cursor = { lines, at: 0 };
  const tree = readMap(cursor, 0);
  return tree === undefined || cursor.at < lines.length ? UNSURE : { kind: 'read', tree };
}

function splitLines(text: string): readonly Line[] | undefined {
  const written = text.split('\n').filter((line) => !IGNORED.test(line));
  if (written.length > MAX_LINES) return undefined;
  const lines: Line[] = [];
  for (const line of written) {
    const [, indent, key, value = ''] = KEY.exec(line) ?? [];
    const [, itemIndent, item] = ITEM.exec(line) ?? [];
    if (indent !== undefined && key !== undefined) lines.push({ indent: indent.length, key, value });
    else if (itemIndent !== undefined) lines.push({ indent: itemIndent.length, key: undefined, value: item ?? '' });
    else return undefined;
  }
  return lines;
}

interface Cursor {
  readonly lines: readonly Line[];
  at: number;
}

function readMap(cursor: Cursor, indent: number): YamlNode | undefined {
  const members = new Map<string, YamlNode>();
  for (
    let line = cursor.lines[cursor.at];
    line !== undefined && line.indent >= indent;
    line = cursor.lines[cursor.at]
  ) {
    if (line.indent > indent || line.key === undefined || members.has(line.key)) return undefined;
    cursor.at++;
    const value = line.value === '' ? readBelow(cursor, indent) : readScalar(line.value);
    if (value === undefined) return undefined;
    members.set(line.key, value);
  }
  return { kind: 'map', members };
}

/** A list may stand at the indent of its key. Nothing below is nothing at all. */
function readBelow(cursor: Cursor, indent: number): YamlNode | undefined {
  const next = cursor.lines[cursor.at];
  if (next !== undefined && next.key === undefined && next.indent >= indent) return readList(cursor, next.indent);
  if (next !== undefined && next.indent > indent) return readMap(cursor, next.indent);
  return { kind: 'scalar', text: '', isPlain: true };
}

function readList(cursor: Cursor, indent: number): YamlNode | undefined {
  const items: YamlNode[] = [];
  for (
    let line = cursor.lines[cursor.at];
    line?.key === undefined && line?.indent === indent;
    line = cursor.lines[cursor.at]
  ) {
    const item = readScalar(line.value);
    if (item === undefined) return undefined;
    items.push(item);
    cursor.at++;
  }
  return { kind: 'list', items };
}

function readScalar(text: string): YamlNode | undefined {
  if (text === '[]') return { kind: 'list', items: [] };
  const quoted = SINGLE_QUOTED.exec(text)?.[1];
  if (quoted !== undefined) return { kind: 'scalar', text: quoted.replaceAll("''", "'"), isPlain: false };
  return PLAIN.test(text) && !ENDS_BLANK.test(text) ? { kind: 'scalar', text, isPlain: true } : undefined;
}

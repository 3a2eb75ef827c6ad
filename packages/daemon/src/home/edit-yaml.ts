// Changes single values of a YAML text and leaves every other byte as it is: comments, unknown keys, order, line ends.
// The new value is put in the place of the old one; the result is read again and has to say what was asked for, and
// nothing else. What has a form that this cannot do is left to the library, which keeps comments and not blanks.
// spec: daemon-and-cli 1.22, D-12
import { type Document, isMap, isNode, isScalar, isSeq, type Pair, Scalar, YAMLMap } from 'yaml';
import type { YamlNode } from '@puffo/agent/config';
import { parseYaml } from './parse-yaml.ts';
import { isList, renderItems, renderMember, renderScalar, type YamlTemplate, type YamlValue } from './render-yaml.ts';

/** `['runtime', 'kind']` */
export type YamlPath = readonly [string, ...string[]];

export interface YamlEdit {
  readonly path: YamlPath;
  readonly value: YamlValue;
}

export type YamlEdited =
  | { readonly kind: 'edited'; readonly text: string }
  | { readonly kind: 'refused'; readonly reason: string };

export function editYaml(text: string, edits: readonly YamlEdit[]): YamlEdited {
  let current = text;
  for (const edit of edits) {
    const result = editOnce(current, edit);
    if (result.kind === 'refused') return result;
    current = result.text;
  }
  return { kind: 'edited', text: current };
}

function editOnce(text: string, edit: YamlEdit): YamlEdited {
  const parse = parseYaml(text);
  if (parse.kind === 'damaged') return { kind: 'refused', reason: parse.reason };
  const wanted = setInTree(parse.tree, edit.path, toNode(edit.value));
  for (const attempt of [spliceYaml, rewriteYaml]) {
    const candidate = attempt(text, parse.document, edit);
    if (candidate === undefined) continue;
    const again = parseYaml(candidate);
    if (again.kind === 'parsed' && isSame(again.tree, wanted)) return { kind: 'edited', text: candidate };
  }
  return { kind: 'refused', reason: `'${edit.path.join('.')}' in it has a form that only its author can change` };
}

// Splicing

function spliceYaml(text: string, document: Document.Parsed, { path, value }: YamlEdit): string | undefined {
  const { contents } = document;
  if (!isMap(contents)) return isEmptyNode(contents) ? appendLines(text, renderPath(path, value, '')) : undefined;
  let map: YAMLMap = contents;
  for (const [depth, name] of path.entries()) {
    if (map.flow === true) return undefined;
    const pair = findLastPair(map, name);
    const rest = path.slice(depth + 1);
    if (pair === undefined) return insertAtEnd(text, map, renderPath([name, ...rest], value, indentOf(text, map)));
    const [next] = rest;
    if (next === undefined) return replaceValue({ text, pair, indent: indentOf(text, map) }, value);
    if (isMap(pair.value)) map = pair.value as YAMLMap;
    else if (isEmptyNode(pair.value)) {
      return insertAfterKey(text, pair, renderPath([next, ...rest.slice(1)], value, `${indentOf(text, map)}  `));
    } else return undefined;
  }
  return undefined;
}

function renderPath(path: readonly [string, ...string[]], value: YamlValue, indent: string): readonly string[] {
  const [name, ...rest] = path;
  const nested = rest.reduceRight<YamlValue | YamlTemplate>((inner, each) => ({ [each]: inner }), value);
  return renderMember({ name, value: nested, indent });
}

function findLastPair(map: YAMLMap, name: string): Pair | undefined {
  return map.items.findLast(({ key }) => isScalar(key) && key.value === name);
}

interface Place {
  readonly text: string;
  readonly pair: Pair;
  readonly indent: string;
}

function replaceValue({ text, pair, indent }: Place, value: YamlValue): string | undefined {
  const keyEnd = rangeOf(pair.key)?.[1];
  const range = rangeOf(pair.value);
  if (keyEnd === undefined || range === undefined) return undefined;
  const afterColon = text.indexOf(':', keyEnd) + 1;
  // Nothing at all is said to stand behind a comment.
  const [start, end] = isEmptyNode(pair.value) ? [afterColon, afterColon] : range;
  if (afterColon === 0 || afterColon > start) return undefined;
  const old: OldValue = { text, afterColon, start, end, isBlock: isBlock(pair.value) };
  if (isList(value) && value.length > 0) return replaceByItems(old, value, indent);
  return replaceInLine(old, isList(value) ? '[]' : renderScalar(value));
}

interface OldValue {
  readonly text: string;
  /** Where the line may go on behind the key. */
  readonly afterColon: number;
  readonly start: number;
  readonly end: number;
  /** A list or mapping in lines of its own. */
  readonly isBlock: boolean;
}

/** A comment behind the key stays where it is. */
function replaceInLine({ text, afterColon, start, end, isBlock: isOldBlock }: OldValue, body: string): string {
  const tail = /\r?\n$/.exec(text.slice(start, end))?.[0] ?? '';
  const rest = tail + text.slice(end);
  if (!isOldBlock) return text.slice(0, start) + (start === afterColon ? ' ' : '') + body + rest;
  const [comment = ''] = text.slice(afterColon, start).split(/\r?\n/);
  return `${text.slice(0, afterColon)} ${body}${comment}${rest}`;
}

function replaceByItems(
  { text, afterColon, start, end, isBlock: isOldBlock }: OldValue,
  items: readonly string[],
  indent: string,
): string {
  const eol = lineEndOf(text);
  if (isOldBlock) {
    const oldIndent = ' '.repeat(start - (text.lastIndexOf('\n', start - 1) + 1));
    const lines = renderItems(items, oldIndent).join(eol).slice(oldIndent.length);
    return text.slice(0, start) + lines + (/\r?\n$/.exec(text.slice(start, end))?.[0] ?? '') + text.slice(end);
  }
  const lines = renderItems(items, indent).join(eol);
  const [comment = ''] = text.slice(end).split(/\r?\n/, 1);
  const after = text.slice(end + comment.length);
  return text.slice(0, afterColon) + comment + eol + lines + (after === '' ? eol : after);
}

function isBlock(node: unknown): boolean {
  return (isMap(node) || isSeq(node)) && node.flow !== true;
}

/** Behind the last line of the map's last member. */
function insertAtEnd(text: string, map: YAMLMap, lines: readonly string[]): string | undefined {
  const last = map.items.at(-1);
  const end = rangeOf(last?.value)?.[1] ?? rangeOf(last?.key)?.[1];
  if (end === undefined) return undefined;
  return insertLines(text, text[end - 1] === '\n' ? end - 1 : end, lines);
}

function insertAfterKey(text: string, pair: Pair, lines: readonly string[]): string | undefined {
  const end = rangeOf(pair.key)?.[1];
  return end === undefined ? undefined : insertLines(text, end, lines);
}

/** Behind the line in which `at` is. */
function insertLines(text: string, at: number, lines: readonly string[]): string {
  const lineEnd = text.indexOf('\n', at);
  if (lineEnd === -1) return appendLines(text, lines);
  const eol = lineEndOf(text);
  return `${text.slice(0, lineEnd + 1)}${lines.join(eol)}${eol}${text.slice(lineEnd + 1)}`;
}

function appendLines(text: string, lines: readonly string[]): string {
  const eol = lineEndOf(text);
  const lead = text === '' || text.endsWith('\n') ? '' : eol;
  return `${text}${lead}${lines.join(eol)}${eol}`;
}

function lineEndOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

function indentOf(text: string, map: YAMLMap): string {
  const start = rangeOf(map.items[0]?.key)?.[0] ?? 0;
  return ' '.repeat(start - (text.lastIndexOf('\n', start - 1) + 1));
}

function rangeOf(node: unknown): readonly [number, number, number] | undefined {
  return isNode(node) ? (node.range ?? undefined) : undefined;
}

function isEmptyNode(node: unknown): boolean {
  return node === null || node === undefined || (isScalar(node) && node.value === '' && node.type === 'PLAIN');
}

// Rewriting

function rewriteYaml(text: string, document: Document.Parsed, { path, value }: YamlEdit): string | undefined {
  const copy = document.clone();
  if (!isMap(copy.contents) && !isEmptyNode(copy.contents)) return undefined;
  if (!isMap(copy.contents)) copy.contents = new YAMLMap() as never;
  for (let depth = 1; depth < path.length; depth++) {
    if (!isMap(copy.getIn(path.slice(0, depth), true))) copy.setIn(path.slice(0, depth), new YAMLMap());
  }
  copy.setIn(path, isList(value) ? copy.createNode([...value].map(toScalarNode)) : toScalarNode(value));
  const lines = copy.toString({ lineWidth: 0 });
  return lineEndOf(text) === '\n' ? lines : lines.replaceAll('\n', '\r\n');
}

function toScalarNode(value: Exclude<YamlValue, readonly string[]>): Scalar {
  const rendered = renderScalar(value);
  const node = new Scalar<string>(typeof value === 'string' ? value : rendered);
  node.type = rendered.startsWith("'") ? 'QUOTE_SINGLE' : rendered.startsWith('"') ? 'QUOTE_DOUBLE' : 'PLAIN';
  return node;
}

// Comparing

function toNode(value: YamlValue): YamlNode {
  if (isList(value)) return { kind: 'list', items: value.map((text) => toNode(text)) };
  const rendered = renderScalar(value);
  if (typeof value !== 'string') return { kind: 'scalar', text: rendered, isPlain: true };
  return { kind: 'scalar', text: value.toWellFormed(), isPlain: !/^['"]/.test(rendered) };
}

function setInTree(tree: YamlNode | undefined, path: readonly string[], value: YamlNode): YamlNode {
  const [name, ...rest] = path;
  if (name === undefined) return value;
  const members = new Map(tree?.kind === 'map' ? tree.members : []);
  members.set(name, setInTree(members.get(name), rest, value));
  return { kind: 'map', members };
}

function isSame(a: YamlNode | undefined, b: YamlNode | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (a.kind === 'scalar') return b.kind === 'scalar' && a.text === b.text && a.isPlain === b.isPlain;
  if (a.kind === 'list') {
    return (
      b.kind === 'list' && a.items.length === b.items.length && a.items.every((item, at) => isSame(item, b.items[at]))
    );
  }
  if (b.kind !== 'map' || a.members.size !== b.members.size) return false;
  return [...a.members].every(([name, member]) => isSame(member, b.members.get(name)));
}

// The only reader of YAML. Scalars stay text: what they mean is the business of the fields. spec: daemon-and-cli 1.22
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Scalar } from 'yaml';
import type { YamlMap, YamlNode } from '@puffo/agent/config';

const MAX_CHARACTERS = 1_000_000;
const MAX_DEPTH = 20;
const MAX_NODES = 50_000;
const MERGE_KEY = '<<';

export type YamlParse =
  | { readonly kind: 'parsed'; readonly tree: YamlNode | undefined; readonly document: Document.Parsed }
  /** Why, without a word of the file. */
  | { readonly kind: 'damaged'; readonly reason: string };

export function parseYaml(text: string): YamlParse {
  if (text.length > MAX_CHARACTERS) return damaged(`it has more than ${MAX_CHARACTERS} characters`);
  const lineCounter = new LineCounter();
  const document = parseDocument(text, {
    version: '1.1',
    schema: 'failsafe',
    // PyYAML takes the last one.
    uniqueKeys: false,
    logLevel: 'silent',
    lineCounter,
  });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lineCounter.linePos(error.pos[0]);
    return damaged(`it is not valid YAML at line ${line}, column ${col}`);
  }
  try {
    return { kind: 'parsed', tree: toTree(document), document };
  } catch (problem) {
    if (problem instanceof UnusableYaml) return damaged(problem.message);
    throw problem;
  }
}

function damaged(reason: string): YamlParse {
  return { kind: 'damaged', reason };
}

class UnusableYaml extends Error {}

interface Walk {
  readonly document: Document.Parsed;
  nodes: number;
}

function toTree(document: Document.Parsed): YamlNode | undefined {
  const tree = convert(document.contents, 0, { document, nodes: 0 });
  // A file of nothing but comments.
  return tree.kind === 'scalar' && tree.isPlain && tree.text === '' ? undefined : tree;
}

function convert(node: unknown, depth: number, walk: Walk): YamlNode {
  walk.nodes++;
  if (depth > MAX_DEPTH || walk.nodes > MAX_NODES) throw new UnusableYaml('it is too large or nested too deeply');
  if (isAlias(node)) return convert(node.resolve(walk.document), depth + 1, walk);
  if (isSeq(node)) return { kind: 'list', items: node.items.map((item) => convert(item, depth + 1, walk)) };
  if (isMap(node)) return convertMap(node.items, depth, walk);
  if (isScalar(node)) return { kind: 'scalar', text: textOf(node), isPlain: isPlain(node) };
  if (node === null) return { kind: 'scalar', text: '', isPlain: true };
  throw new UnusableYaml('it uses an anchor that it does not define');
}

function convertMap(
  pairs: readonly { readonly key: unknown; readonly value: unknown }[],
  depth: number,
  walk: Walk,
): YamlMap {
  const own = new Map<string, YamlNode>();
  const merged = new Map<string, YamlNode>();
  for (const { key, value } of pairs) {
    const name = convert(key, depth + 1, walk);
    if (name.kind !== 'scalar') throw new UnusableYaml('a key in it is no text');
    const member = convert(value, depth + 1, walk);
    if (name.text === MERGE_KEY && name.isPlain) mergeInto(merged, member);
    else own.set(name.text, member);
  }
  return { kind: 'map', members: new Map([...merged, ...own]) };
}

/** The first of several mappings wins. */
function mergeInto(merged: Map<string, YamlNode>, source: YamlNode): void {
  const maps = source.kind === 'list' ? source.items : [source];
  for (const map of maps) {
    if (map.kind !== 'map') throw new UnusableYaml('it merges something that is no mapping');
    for (const [name, member] of map.members) if (!merged.has(name)) merged.set(name, member);
  }
}

function textOf(node: Scalar): string {
  return typeof node.value === 'string' ? node.value : '';
}

function isPlain({ type, tag }: Scalar): boolean {
  return (type === undefined || type === 'PLAIN') && tag === undefined;
}

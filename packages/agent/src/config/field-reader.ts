// Fields of a YAML mapping with the tolerance of daemon-and-cli 1.5 and 1.22: `null` is absent, one text is a list of one,
// a number may be quoted. What cannot be meant is refused (the wrong shape) or warned about (a word), never silent.
import { findMember, type YamlNode } from './yaml-node.ts';
import { isNullWord, parseBooleanWord, parseNumberWord } from './yaml-words.ts';

const SHOWN_CHARACTERS = 60;

export interface FieldReader {
  text(name: string, fallback?: string): string;
  flag(name: string, fallback: boolean): boolean;
  integer(name: string, options: NumberOptions): number;
  decimal(name: string, options: NumberOptions): number;
  /** Of texts. */
  list(name: string): readonly string[];
  /** Members whose values are texts. */
  texts(name: string): readonly (readonly [string, string])[];
  section(name: string): FieldReader;
  has(name: string): boolean;
}

export interface NumberOptions {
  readonly fallback: number;
  readonly atLeast?: number;
}

export interface ReaderNotes {
  /** The file means something, but perhaps not what its author thinks. */
  warn(text: string): void;
  /** The file cannot be used as it is. */
  refuse(reason: string): void;
}

/** `path`: how messages name the mapping, empty for the root. */
export function createFieldReader(node: YamlNode | undefined, notes: ReaderNotes, path = ''): FieldReader {
  const map = isAbsent(node) ? undefined : node;
  if (map !== undefined && map.kind !== 'map') notes.refuse(`${quote(path)} is not a mapping`);

  function find(name: string): YamlNode | undefined {
    const member = findMember(map, name);
    return isAbsent(member) ? undefined : member;
  }

  function nameOf(name: string): string {
    return path === '' ? name : `${path}.${name}`;
  }

  function findText(name: string): string | undefined {
    const member = find(name);
    if (member === undefined) return undefined;
    if (member.kind === 'scalar') return member.text;
    notes.refuse(`'${nameOf(name)}' is a ${member.kind === 'map' ? 'mapping' : member.kind}, not one value`);
    return undefined;
  }

  function number(name: string, { fallback, atLeast }: NumberOptions): number {
    const text = findText(name);
    if (text === undefined) return fallback;
    const value = parseNumberWord(text.trim());
    if (value !== undefined && (atLeast === undefined || value >= atLeast)) return value;
    const expected = atLeast === undefined ? 'a number' : `a number of ${atLeast} or more`;
    notes.warn(`'${nameOf(name)}' is ${quote(text)}, not ${expected}: ${fallback} is used`);
    return fallback;
  }

  return {
    text: (name, fallback = '') => findText(name) ?? fallback,
    flag(name, fallback) {
      const text = findText(name);
      if (text === undefined) return fallback;
      const value = parseFlag(text.trim());
      if (value === undefined)
        notes.warn(`'${nameOf(name)}' is ${quote(text)}, not true or false: ${fallback} is used`);
      return value ?? fallback;
    },
    integer: (name, options) => Math.trunc(number(name, options)),
    decimal: number,
    list(name) {
      const member = find(name);
      if (member === undefined) return [];
      if (member.kind === 'scalar') return [member.text];
      if (member.kind === 'list') return member.items.flatMap((item) => (item.kind === 'scalar' ? [item.text] : []));
      notes.refuse(`'${nameOf(name)}' is a mapping, not a list`);
      return [];
    },
    texts(name) {
      const member = find(name);
      if (member === undefined) return [];
      if (member.kind !== 'map') {
        notes.refuse(`'${nameOf(name)}' is not a mapping`);
        return [];
      }
      return [...member.members].flatMap(([key, value]) =>
        value.kind === 'scalar' ? [[key, value.text] as const] : [],
      );
    },
    section: (name) => createFieldReader(find(name), notes, nameOf(name)),
    has: (name) => find(name) !== undefined,
  };
}

function isAbsent(node: YamlNode | undefined): boolean {
  return node === undefined || (node.kind === 'scalar' && node.isPlain && isNullWord(node.text));
}

/** 0.7.2 takes numbers for truth values too. */
function parseFlag(text: string): boolean | undefined {
  if (text === '1') return true;
  return text === '0' ? false : parseBooleanWord(text);
}

function quote(text: string): string {
  const shown = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
  return shown === '' ? 'the file' : `'${shown}'`;
}

// YAML is read as 0.7.2 reads it, written so that it reads the same, and edited without touching anything else.
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isJsonObject, safeParseJson } from '@puffo/base';
import type { YamlNode } from '@puffo/agent/config';
import { editYaml, type YamlEdit } from '../src/home/edit-yaml.ts';
import { parseYaml } from '../src/home/parse-yaml.ts';
import { readSimpleYaml } from '../src/home/read-simple-yaml.ts';
import { renderDocument } from '../src/home/render-yaml.ts';

const AWKWARD = [
  'yes',
  'No',
  'ON',
  'off',
  'true',
  'False',
  'null',
  '~',
  '',
  'y',
  'N',
  '=',
  '<<',

  '123',
  '-7',
  '+1',
  '0123',
  '0x1f',
  '0b11',
  '0o17',
  '1_000',
  '12:30',
  '12:30.5',
  '1:2:3',
  '1.5',
  '.5',
  '1e3',
  '1.e+3',
  '.inf',
  '-.INF',
  '.nan',
  '2024-01-01',
  '2024-1-1',
  '2024-01-01T10:00:00Z',
  '2024-01-01 10:00:00',
  ' lead',
  'trail ',
  '\ttab',
  'a: b',
  'a:',
  'a #b',
  '#a',
  '- a',
  '-',
  '?',
  '? a',
  ': a',
  '---',
  '...',
  '--- a',
  '[a]',
  '{a}',
  'a, b',
  '&a',
  '*a',
  '!a',
  '!!str a',
  '|',
  '>',
  '%a',
  '@a',
  '`a',
  '"a"',
  "it's",
  "'",
  '"',
  'a\\b',

  'two\nlines',
  'trailing\n',
  '\n',
  'carriage\rreturn',
  'bell\u0007',
  '\u0085',
  '\u2028',
  '\ufeffbom',
  '\u007f',
  'del\u009f',

  '名前',
  '😀',
  'é',
  'Read',
  'Bash(git log, git diff)',
  'https://api.puffo.ai',
  '1.5g',
  'sk-ant-0',
  'k'.repeat(200),
];

function parse(text: string): YamlNode | undefined {
  const result = parseYaml(text);
  if (result.kind === 'damaged') throw new Error(result.reason);
  return result.tree;
}

function edit(text: string, ...edits: readonly YamlEdit[]): string {
  const result = editYaml(text, edits);
  if (result.kind === 'refused') throw new Error(result.reason);
  return result.text;
}

describe('renderDocument', () => {
  it.each(AWKWARD)('keeps %j as text, for this reader', (text) => {
    const tree = parse(renderDocument({ value: text, list: [text, text] }));
    expect(tree).toMatchObject({ kind: 'map' });
    expect(tree?.kind === 'map' && tree.members.get('value')).toMatchObject({ kind: 'scalar', text });
    expect(tree?.kind === 'map' && tree.members.get('list')).toMatchObject({ items: [{ text }, { text }] });
  });

  it('keeps every text, for this reader and for PyYAML', (context) => {
    const reader = 'import json,sys,yaml;json.dump(yaml.safe_load(sys.stdin.buffer.read().decode("utf-8")),sys.stdout)';
    const values = Object.fromEntries(AWKWARD.map((text, at) => [`v${at}`, text]));
    const { status, stdout, stderr } = spawnSync('python3', ['-c', reader], {
      input: renderDocument(values),
      encoding: 'utf8',
    });
    if (status !== 0 && /No module|not found/.test(stderr ?? 'not found')) {
      context.skip('python3 with PyYAML is not installed here: the table of the specification is checked instead');
    }
    expect(stderr).toBe('');
    const result = safeParseJson(stdout, { maxLength: 100_000, maxDepth: 5, integers: 'any' });
    expect(result.kind === 'value' && isJsonObject(result.value) ? result.value : {}).toEqual(values);
  });

  it.each([
    'yes',
    'Off',
    '~',
    'null',
    'true',
    '=',
    '<<',
    '123',
    '0123',
    '0x1f',
    '12:30',
    '1_000',
    '1.5',
    '2024-01-01',
    '',
    ' a',
  ])('quotes %j, which YAML 1.1 would read as something else', (text) => {
    expect(renderDocument({ value: text })).toBe(`value: '${text}'\n`);
  });

  it.each(['x', '1.5g', 'sk-ant-0', 'https://api.puffo.ai', '名前', 'Bash(a, b)', '127.0.0.1'])(
    'leaves %j as it is',
    (text) => {
      expect(renderDocument({ value: text })).toBe(`value: ${text}\n`);
    },
  );
});

describe('readSimpleYaml', () => {
  const word = fc.constantFrom(
    ...AWKWARD.filter((text) => !/[\r\n]/.test(text)),
    'plain',
    "'quoted'",
    "'it''s'",
    '"a\\n"',
    '[]',
    '[a, b]',
  );
  const key = fc.constantFrom('a', 'b', 'c_d', 'yes', '<<', '"q"', '1');
  const line = fc.oneof(
    fc.tuple(fc.nat(3), key, word).map(([depth, name, value]) => `${'  '.repeat(depth)}${name}: ${value}`),
    fc.tuple(fc.nat(3), key).map(([depth, name]) => `${' '.repeat(depth)}${name}:`),
    fc.tuple(fc.nat(3), word).map(([depth, value]) => `${'  '.repeat(depth)}- ${value}`),
    fc.constantFrom('', '# comment', '  # comment', '---', 'a:  two', 'word', '\u3000', 'a: b # c'),
  );

  it('says what the library says, or that it does not know', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
        const text = `${lines.join('\n')}\n`;
        const simple = readSimpleYaml(text);
        if (simple.kind === 'unsure') return;
        expect(parseYaml(text)).toMatchObject({ kind: 'parsed', tree: simple.tree });
      }),
      { numRuns: 3000 },
    );
  });

  it.each(['daemon.yml', 'agents/helper-9a7c/agent.yml', 'agents/gem-44dd/agent.yml'])(
    'knows what 0.7.2 writes: %s',
    async (name) => {
      const text = await readFile(new URL(`../../../fixtures/home-0.7.2/${name}`, import.meta.url), 'utf8');
      expect(readSimpleYaml(text)).toEqual({ kind: 'read', tree: parse(text) });
    },
  );
});

describe('parseYaml', () => {
  it('keeps the text of scalars, and whether it was quoted', () => {
    expect(parse('a: 0123\nb: "0123"\nc:\n')).toEqual({
      kind: 'map',
      members: new Map([
        ['a', { kind: 'scalar', text: '0123', isPlain: true }],
        ['b', { kind: 'scalar', text: '0123', isPlain: false }],
        ['c', { kind: 'scalar', text: '', isPlain: true }],
      ]),
    });
  });

  it('takes the last of two members of one name, and merges, as PyYAML does', () => {
    expect(parse('a: 1\na: 2\n')).toMatchObject({ members: new Map([['a', { text: '2' }]]) });
    expect(parse('base: &b\n  x: 1\n  y: 1\nown:\n  <<: *b\n  x: 2\n')).toMatchObject({
      members: new Map([
        ['base', {}],
        [
          'own',
          {
            members: new Map([
              ['x', { text: '2' }],
              ['y', { text: '1' }],
            ]),
          },
        ],
      ] as never),
    });
  });

  it.each([
    ['a syntax error, by its place', 'a: b\n  c: d: e\n', /^it is not valid YAML at line \d+, column \d+$/],
    ['an alias of nothing', 'a: *b\n', /YAML|anchor/],
    ['what is nested too deeply', `${'['.repeat(40)}${']'.repeat(40)}`, /too large or nested too deeply/],
    ['what grows when it is read', bomb(), /too large or nested too deeply/],
    ['what is too long', `a: ${'b'.repeat(1_000_001)}`, /more than/],
  ])('refuses %s', (_name, text, reason) => {
    expect(parseYaml(text)).toMatchObject({ kind: 'damaged', reason: expect.stringMatching(reason) as string });
  });

  it('quotes nothing of a file that it cannot read: it may be a key', () => {
    expect(JSON.stringify(parseYaml('api_key: sk-secret: x\n'))).not.toContain('sk-secret');
  });

  function bomb(): string {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let at = 1; at < 8; at++)
      lines.push(`a${at}: &a${at} [${Array.from({ length: 10 }, () => `*a${at - 1}`).join(', ')}]`);
    return `${lines.join('\n')}\n`;
  }
});

describe('editYaml', () => {
  const TEXT = `# who
id: x   # its name
unknown: [1, 2]   # of a later version
runtime:   # how
    kind: "chat-local"   # why
    # tools
    allowed_tools: []
    notes: |
      two
      lines

# the end
tail: {a: 1}
`;

  it.each<[string, YamlEdit, string, string]>([
    ['a plain value', { path: ['id'], value: 'z' }, 'id: x   #', 'id: z   #'],
    ['a quoted value', { path: ['runtime', 'kind'], value: 'sdk-local' }, '"chat-local"   #', 'sdk-local   #'],
    ['a value that has to be quoted', { path: ['id'], value: 'yes' }, 'id: x   #', "id: 'yes'   #"],
    ['a block of text', { path: ['runtime', 'notes'], value: 'one' }, '|\n      two\n      lines\n', 'one\n'],
    [
      'an empty list',
      { path: ['runtime', 'allowed_tools'], value: ['a', 'no'] },
      'allowed_tools: []',
      "allowed_tools:\n    - a\n    - 'no'",
    ],
    ['a list in brackets', { path: ['unknown'], value: 7 }, 'unknown: [1, 2]   #', 'unknown: 7   #'],
  ])('replaces %s and nothing else', (_name, change, from, to) => {
    expect(TEXT).toContain(from);
    expect(edit(TEXT, change)).toBe(TEXT.replace(from, to));
  });

  it('adds a member at the end of its section, as deep as its neighbours', () => {
    expect(edit(TEXT, { path: ['runtime', 'model'], value: 'm' })).toBe(
      TEXT.replace('      lines\n', '      lines\n    model: m\n'),
    );
    expect(edit('a: 1', { path: ['b'], value: true })).toBe('a: 1\nb: true\n');
  });

  it('adds sections that are missing or empty', () => {
    expect(edit('a: 1\n', { path: ['b', 'c'], value: 'd' })).toBe('a: 1\nb:\n  c: d\n');
    expect(edit('a: 1\nb:  # later\nc: 2\n', { path: ['b', 'c'], value: 'd' })).toBe(
      'a: 1\nb:  # later\n  c: d\nc: 2\n',
    );
    expect(edit('# only a comment\n', { path: ['a'], value: 'b' })).toBe('# only a comment\na: b\n');
    expect(edit('', { path: ['a'], value: 'b' })).toBe('a: b\n');
  });

  it('empties a list that is written in lines', () => {
    expect(edit('a:\n- b\n- c\nd: 1\n', { path: ['a'], value: [] })).toBe('a: []\nd: 1\n');
    expect(edit('a:\n  - b\n  - c\nd: 1\n', { path: ['a'], value: ['e'] })).toBe('a:\n  - e\nd: 1\n');
  });

  it.each<[string, YamlEdit['value'], string]>([
    ['a: # why\n  - b\n  - c\nd: 1\n', [], 'a: [] # why\nd: 1\n'],
    ['a: # why\n  - b\n  - c\nd: 1\n', ['e', 'f'], 'a: # why\n  - e\n  - f\nd: 1\n'],
    ['a: []  # why\nd: 1\n', ['e'], 'a:  # why\n- e\nd: 1\n'],
    ['a:  # why\nd: 1\n', ['e'], 'a:  # why\n- e\nd: 1\n'],
    ['a:  # why\nd: 1\n', 'e', 'a: e  # why\nd: 1\n'],
    ['a: # why\n  b\nd: 1\n', 'e', 'a: # why\n  e\nd: 1\n'],
    ['a: # why\n  b: c\nd: 1\n', 'e', 'a: e # why\nd: 1\n'],
    ['a: # why\r\n- b\r\n', ['e'], 'a: # why\r\n- e\r\n'],
    ['a: []', ['e'], 'a:\n- e\n'],
    ['a:\n- b', [], 'a: []'],
  ])('keeps the comment of what it replaces: %j with %j', (text, value, expected) => {
    expect(edit(text, { path: ['a'], value })).toBe(expected);
  });

  it('keeps line ends of Windows', () => {
    expect(edit('a: 1\r\nb:\r\n  c: 2\r\n', { path: ['b', 'd'], value: 'x' }, { path: ['a'], value: 'z' })).toBe(
      'a: z\r\nb:\r\n  c: 2\r\n  d: x\r\n',
    );
  });

  it('changes the one of two members of one name that counts', () => {
    expect(edit('a: 1\na: 2\n', { path: ['a'], value: '3x' })).toBe('a: 1\na: 3x\n');
  });

  it('changes what is written in brackets, and keeps comments', () => {
    const text = edit('# top\nruntime: {kind: sdk, model: m}  # c\n', {
      path: ['runtime', 'kind'],
      value: 'sdk-local',
    });
    expect(text).toContain('# top');
    expect(text).toContain('# c');
    expect(parse(text)).toEqual(parse('runtime:\n  kind: sdk-local\n  model: m\n'));
  });

  it('refuses what would change something else', () => {
    expect(editYaml('a: &x\n  k: 1\n  l: 1\nb: *x\n', [{ path: ['b', 'k'], value: '2' }])).toMatchObject({
      kind: 'refused',
    });
    expect(editYaml('- a\n', [{ path: ['b'], value: '2' }])).toMatchObject({ kind: 'refused' });
  });

  it('does what was asked for, whatever the text and the value', () => {
    fc.assert(
      fc.property(fc.constantFrom(...AWKWARD), fc.constantFrom(...AWKWARD), (before, after) => {
        const text = renderDocument({ first: before, section: { value: before, list: [before] }, last: before });
        const changed = edit(
          text,
          { path: ['section', 'value'], value: after },
          { path: ['section', 'list'], value: [after] },
        );
        expect(changed).toBe(renderDocument({ first: before, section: { value: after, list: [after] }, last: before }));
      }),
    );
  });
});

import { describe, expect, test } from 'vitest';
import { removeTomlTable } from './remove-toml-table.ts';

const PATH = ['mcp_servers', 'puffo'];

describe('removing a table of a TOML file', () => {
  test('leaves every other byte alone', () => {
    const before = '# Mine\nmodel = "x"\n\n[mcp_servers.github]\ncommand = "gh"\n';
    const ours = '[mcp_servers.puffo]\ncommand = "python3"\n\n[mcp_servers.puffo.env]\nA = "b"\n';
    const after = '[ mcp_servers . "puffo-2" ]\r\nurl = "http://x"\r\n[[list]]\nx = 1';
    expect(removeTomlTable(before + ours + after, PATH)).toBe(before + after);
  });

  test.each(['["mcp_servers".puffo]', "[ mcp_servers.'puffo' ] # old", '[mcp_servers.puffo.tools."send message"]'])(
    'knows it as %s',
    (header) => {
      expect(removeTomlTable(`a = 1\n${header}\nb = 2\n[c]\n`, PATH)).toBe('a = 1\n[c]\n');
    },
  );

  test.each([
    ['a text of several lines', 'note = """\n[mcp_servers.puffo]\n"""\nb = 1\n'],
    ['a literal text of several lines', "note = '''\n[mcp_servers.puffo]\n'''\nb = 1\n"],
    ['a text with an escaped quote', 'a = "\\"\\"\\""\nb = 1\n'],
    ['a comment with quotes', '# it\'s """\nb = 1\n'],
    ['a shorter name', '[mcp_servers]\nx = 1\n[mcp_servers.puffo2]\n'],
    ['nothing', ''],
  ])('is not misled by %s', (_, text) => {
    expect(removeTomlTable(text, PATH)).toBe(text);
  });

  test('finds the end of a text in the table that is removed', () => {
    const text = '[mcp_servers.puffo]\nnote = """\n[not.a.table]\n"""\n[kept]\n';
    expect(removeTomlTable(text, PATH)).toBe('[kept]\n');
  });
});

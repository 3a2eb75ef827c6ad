// Takes one table, with those below it, out of a TOML file and leaves every other byte alone.

/** `path`: bare names. Dotted keys and inline tables are not looked at. */
export function removeTomlTable(text: string, path: readonly string[]): string {
  const kept: string[] = [];
  let isInside = false;
  let open: string | undefined;
  for (const line of text.split(/(?<=\n)/)) {
    const header = open === undefined ? readHeader(line) : undefined;
    if (header !== undefined) isInside = path.every((name, index) => header[index] === name);
    if (!isInside) kept.push(line);
    open = openStringAfter(line, open);
  }
  return kept.join('');
}

const HEADER = /^\s*\[\[?\s*(?<path>[^\]]+?)\s*\]\]?\s*(?:#.*)?$/;
const NAME = /(?:"(?<double>[^"]*)"|'(?<single>[^']*)'|(?<bare>[\w-]+))\s*(?:\.\s*|$)/y;

function readHeader(line: string): readonly string[] | undefined {
  const path = HEADER.exec(line.trimEnd())?.groups?.['path'];
  if (path === undefined) return undefined;
  const names: string[] = [];
  NAME.lastIndex = 0;
  while (NAME.lastIndex < path.length) {
    const found = NAME.exec(path)?.groups;
    if (found === undefined) return undefined;
    names.push(found['double'] ?? found['single'] ?? found['bare'] ?? '');
  }
  return names;
}

const TOKEN = /\\.|"""|'''|"|'|#/g;

/** The kind of a string of several lines that is still open at the end of the line. */
function openStringAfter(line: string, before: string | undefined): string | undefined {
  let open = before;
  for (const [token] of line.matchAll(TOKEN)) {
    if (open === undefined) {
      if (token === '#') return undefined;
      if (!token.startsWith('\\')) open = token;
    } else if (token === open) {
      open = undefined;
    }
  }
  return open === '"' || open === "'" ? undefined : open;
}

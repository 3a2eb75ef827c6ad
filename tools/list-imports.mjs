// Finds the modules that a TypeScript or JavaScript text imports, by reading it like a scanner and not like a compiler.

const COMMENT = /\/\/[^\n]*|\/\*[^]*?\*\//;
const IMPORT = /\b(?:from|import|import\s*\(|require\s*\()\s*(?<quote>['"`])(?<specifier>[^'"`\n]+)\k<quote>/;
// Strings are matched so that what looks like an import inside one is passed over.
const STRING = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/;
const TOKEN = new RegExp([COMMENT, IMPORT, STRING].map(({ source }) => source).join('|'), 'g');

/**
 * Specifiers of static, dynamic and type imports and of re-exports, in order, with their lines.
 * @param {string} text
 */
export function listImports(text) {
  return [...text.matchAll(TOKEN)]
    .filter((match) => match.groups?.specifier !== undefined)
    .map((match) => ({
      specifier: match.groups?.specifier ?? '',
      line: text.slice(0, match.index).split('\n').length,
    }));
}

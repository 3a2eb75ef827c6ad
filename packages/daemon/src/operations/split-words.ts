// A command line as a shell splits it, without anything that a shell would run or expand. spec: daemon-and-cli D-17

const WORD = /(?:[^\s"'\\]|\\[\s\S]|'[^']*'|"(?:[^"\\]|\\[\s\S])*")+/g;
const PIECE = /\\([\s\S])|'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"/g;
/** Inside of double quotation marks a backslash stands for itself before anything else. */
const ESCAPED = /\\(["\\$`])/g;

/** `undefined`: a quotation mark is missing, or nothing follows the last backslash. */
export function splitWords(line: string): readonly string[] | undefined {
  if (line.replace(WORD, '').trim() !== '') return undefined;
  return (line.match(WORD) ?? []).map((word) => word.replace(PIECE, unquote));
}

function unquote(_piece: string, ...[escaped, single, double]: readonly (string | undefined)[]): string {
  return escaped ?? single ?? (double ?? '').replace(ESCAPED, '$1');
}

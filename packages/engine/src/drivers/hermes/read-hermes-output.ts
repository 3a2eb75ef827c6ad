// What Hermes prints, and what of it is the reply. spec: runtimes 7.1
export interface HermesOutput {
  readonly text: string;
  readonly sessionId: string | undefined;
}

const SESSION_LINE = /^session_id:\s*(\S+)\s*$/;
const RESUMED_BANNER = /^\W*[Rr]esumed session (\S+)/;
const MODEL_WARNING = /^\W*[Nn]ormalized model\b/;
/** The rest of that warning, on a line of its own. */
const MODEL_REST = /^[a-z0-9-]+\.$/;

export function readHermesOutput(lines: readonly string[]): HermesOutput {
  const announced = findFirst(lines, SESSION_LINE);
  const resumed = findFirst(lines, RESUMED_BANNER);
  const said = lines.filter((line, index) => !isNote(line, lines[index - 1] ?? ''));
  return { text: said.join('\n').trim(), sessionId: announced ?? resumed };
}

function isNote(line: string, before: string): boolean {
  if (SESSION_LINE.test(line) || RESUMED_BANNER.test(line) || MODEL_WARNING.test(line)) return true;
  // Anywhere else a word with a full stop is what somebody says.
  return MODEL_WARNING.test(before) && MODEL_REST.test(line);
}

function findFirst(lines: readonly string[], pattern: RegExp): string | undefined {
  return lines.map((line) => pattern.exec(line)?.[1]).find((found) => found !== undefined);
}

// Which tools an agent may use by itself: patterns of `runtime.allowed_tools`. spec: runtimes 4.2
import { posix } from 'node:path';
import { isJsonObject, type JsonValue } from '@puffo/base';

export interface ToolGate {
  isAllowed(toolName: string, input: JsonValue): boolean;
  /** For the model. */
  explain(toolName: string): string;
}

interface Pattern {
  readonly name: RegExp;
  /** Absent: any argument. */
  readonly argument: RegExp | undefined;
}

export function createToolGate(patterns: readonly string[]): ToolGate {
  const parsed = patterns.map(parsePattern);
  return {
    isAllowed(toolName, input) {
      return parsed.some(
        ({ name, argument }) => name.test(toolName) && (argument === undefined || fits(argument, toolName, input)),
      );
    },
    explain(toolName) {
      const allowed = patterns.length === 0 ? 'only the puffo tools' : `${patterns.join(', ')} and the puffo tools`;
      return `The tool ${toolName} is not allowed like this; allowed: ${allowed}. Do without it`;
    },
  };
}

const WITH_ARGUMENT = /^([^()]+)\((.*)\)$/s;

function parsePattern(pattern: string): Pattern {
  const [, name = pattern, argument] = WITH_ARGUMENT.exec(pattern.trim()) ?? [undefined, pattern.trim()];
  return {
    name: toRegExp(name),
    argument: argument === undefined || argument === '*' ? undefined : toRegExp(argument),
  };
}

/** `*` is any text, with `/` and line breaks; `?` is one character. */
function toRegExp(glob: string): RegExp {
  const source = glob
    .replaceAll(/[$()+.[\\\]^{|}]/g, String.raw`\$&`)
    .replaceAll(/\*+/g, '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's');
}

/** What makes two commands of one, or hides one in another. */
const COMPOUND = /[;&|<>`\n\r]|\$\(|\$\{/;

function fits(argument: RegExp, toolName: string, input: JsonValue): boolean {
  if (toolName === 'Bash') {
    const command = textAt(input, 'command');
    return !COMPOUND.test(command) && argument.test(command);
  }
  const path = textAt(input, 'file_path') || textAt(input, 'path');
  return argument.test(path === '' ? '' : posix.normalize(path));
}

function textAt(input: JsonValue, name: string): string {
  const value = isJsonObject(input) ? input[name] : undefined;
  return typeof value === 'string' ? value : '';
}

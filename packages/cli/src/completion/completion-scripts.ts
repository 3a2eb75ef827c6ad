// Completion for three shells, made from the table of commands: words and options, no question to any server.
import type { CommandDefinition } from '../command.ts';

export type Shell = 'bash' | 'zsh' | 'fish';

export const SHELLS: readonly Shell[] = ['bash', 'zsh', 'fish'];

const GLOBAL_OPTIONS: readonly string[] = ['--server', '--slug', '--json', '--help'];

export function completionScript(shell: Shell, definitions: readonly CommandDefinition[]): string {
  const makers: Readonly<Record<Shell, (tree: readonly Branch[]) => string>> = { bash, zsh, fish };
  return makers[shell](listBranches(definitions));
}

/** Words that may follow a path of words, or options when the path is a command. */
interface Branch {
  /** Empty: the first word. */
  readonly path: string;
  readonly words: readonly Word[];
  readonly options: readonly Word[];
}

interface Word {
  readonly text: string;
  readonly help: string;
}

function listBranches(definitions: readonly CommandDefinition[]): readonly Branch[] {
  const groups = new Map<string, Word[]>([['', []]]);
  for (const { name, summary } of definitions) {
    const [first = '', second] = name.split(' ');
    const top = groups.get('') ?? [];
    if (!top.some(({ text }) => text === first))
      top.push({ text: first, help: second === undefined ? summary : first });
    if (second !== undefined) groups.set(first, [...(groups.get(first) ?? []), { text: second, help: summary }]);
  }
  const branches = Array.from(groups, ([path, words]) => ({ path, words, options: [] }));
  const commands = definitions.map(({ name, options = [] }) => ({
    path: name,
    words: [],
    options: options.map(({ flag, help }) => ({ text: `--${flag}`, help })),
  }));
  return [...branches, ...commands];
}

function bash(branches: readonly Branch[]): string {
  const cases = branches.map(
    ({ path, words, options }) =>
      `    '${path}') candidates='${[...words, ...options].map(({ text }) => text).join(' ')}' ;;`,
  );
  return `# puffo-cli completion for bash: source <(puffo-cli completion bash)
_puffo_cli() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path='' word candidates='' index
  for ((index = 1; index < COMP_CWORD; index++)); do
    word="\${COMP_WORDS[index]}"
    case "$word" in
      --server|--slug) ((index++)) ;;
      -*) ;;
      *) case "$path" in
           ${groupPattern(branches)}) path="$path $word" ;;
           '') path="$word" ;;
         esac ;;
    esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  if [[ "$current" == -* || -z "$candidates" ]]; then candidates="$candidates ${GLOBAL_OPTIONS.join(' ')}"; fi
  COMPREPLY=($(compgen -W "$candidates" -- "$current"))
  if [[ "\${#COMPREPLY[@]}" -eq 0 && "$current" != -* && -n "$path" ]]; then COMPREPLY=($(compgen -f -- "$current")); fi
}
complete -F _puffo_cli puffo-cli`;
}

function zsh(branches: readonly Branch[]): string {
  const cases = branches.map(
    ({ path, words, options }) =>
      `    '${path}') candidates=(${[...words, ...options].map((word) => quoteForZsh(word)).join(' ')}) ;;`,
  );
  return `#compdef puffo-cli
# puffo-cli completion for zsh: source <(puffo-cli completion zsh)
_puffo_cli() {
  local current="\${words[CURRENT]}" place='' word index
  local -a candidates
  for ((index = 2; index < CURRENT; index++)); do
    word="\${words[index]}"
    case "$word" in
      --server|--slug) ((index++)) ;;
      -*) ;;
      *) case "$place" in
           ${groupPattern(branches)}) place="$place $word" ;;
           '') place="$word" ;;
         esac ;;
    esac
  done
  case "$place" in
${cases.join('\n')}
  esac
  if [[ "$current" == -* || \${#candidates} -eq 0 ]]; then candidates+=(${GLOBAL_OPTIONS.join(' ')}); fi
  _describe 'puffo-cli' candidates || _files
}
compdef _puffo_cli puffo-cli`;
}

function fish(branches: readonly Branch[]): string {
  const lines = branches.flatMap(({ path, words, options }) => {
    const names = words.map(({ text }) => text).join(' ');
    const isHere = isAtPath(path, names);
    return [
      ...words.map(({ text, help }) => `complete -c puffo-cli -n "${isHere}" -f -a ${text} -d ${quoteForFish(help)}`),
      ...options.map(
        ({ text, help }) => `complete -c puffo-cli -n "${isHere}" -l ${text.slice(2)} -d ${quoteForFish(help)}`,
      ),
    ];
  });
  const globals = GLOBAL_OPTIONS.map((option) => `complete -c puffo-cli -l ${option.slice(2)}`);
  return ['# puffo-cli completion for fish: puffo-cli completion fish | source', ...lines, ...globals].join('\n');
}

/** Whether the words of a path are on the line, and none that may follow them. */
function isAtPath(path: string, following: string): string {
  const seen = path.split(' ').filter((word) => word !== '');
  if (seen.length === 0) return '__fish_use_subcommand';
  const claims = seen.map((word) => `__fish_seen_subcommand_from ${word}`);
  return [...claims, ...(following === '' ? [] : [`not __fish_seen_subcommand_from ${following}`])].join('; and ');
}

/** The paths that a further word belongs to, as a pattern of `case`. */
function groupPattern(branches: readonly Branch[]): string {
  return branches
    .filter(({ path, words }) => path !== '' && words.length > 0)
    .map(({ path }) => path)
    .join('|');
}

function quoteForZsh({ text, help }: Word): string {
  return `'${text}:${help.replaceAll("'", '’').replaceAll(':', ' –')}'`;
}

function quoteForFish(help: string): string {
  return `'${help.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

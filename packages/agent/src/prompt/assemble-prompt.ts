// The system prompt: what the platform is, the agent's role, its memory. spec: daemon-and-cli 1.16, runtimes 8.1

export interface MemoryNote {
  /** `topic.md` */
  readonly fileName: string;
  readonly text: string;
}

export interface PromptParts {
  readonly primer: string;
  readonly profile: string;
  readonly memory: readonly MemoryNote[];
}

/** Trimmed parts with a blank line between, and one line break at the end. Empty ones are left out. */
export function assemblePrompt({ primer, profile, memory }: PromptParts): string {
  const sections = [primer.trim(), titled('Your role', profile.trim()), titled('Your memory', memorySnapshot(memory))];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

/** Notes by file name; `README.md` explains the folder to people, and is none. */
function memorySnapshot(memory: readonly MemoryNote[]): string {
  return memory
    .filter(({ fileName }) => fileName.endsWith('.md') && fileName !== 'README.md')
    .map(({ fileName, text }) => ({ stem: fileName.slice(0, -'.md'.length), text: text.trim() }))
    .filter(({ text }) => text !== '')
    .toSorted((left, right) => (left.stem < right.stem ? -1 : 1))
    .map(({ stem, text }) => `### ${stem}\n\n${text}`)
    .join('\n\n');
}

function titled(title: string, text: string): string {
  return text === '' ? '' : `---\n\n# ${title}\n\n${text}`;
}

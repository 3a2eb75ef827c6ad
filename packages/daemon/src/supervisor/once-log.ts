// Says a thing once, however often a tick finds it. spec: daemon-and-cli 2.5, D-8

const MAX_TEXTS = 50;

export interface OnceLog {
  /** Whether it is new of this agent. */
  isNew(id: string, text: string): boolean;
  /** The agent is gone, or it works: what goes wrong later is new. */
  forget(id: string): void;
}

export function createOnceLog(): OnceLog {
  const said = new Map<string, Set<string>>();
  return {
    isNew(id, text) {
      const texts = said.get(id) ?? new Set();
      if (texts.has(text)) return false;
      // Texts that differ each time would fill the memory.
      if (texts.size >= MAX_TEXTS) texts.clear();
      said.set(id, texts.add(text));
      return true;
    },
    forget: (id) => void said.delete(id),
  };
}

// The fixed words of the offline model. Each answer can stand alone: nobody who reads one takes it for an AI.

const ANSWERS: readonly [string, ...string[]] = [
  [
    'I am not an AI: I am the offline model that is built into puffo-agent, and these words are fixed.',
    'Your message reached me all the same, end-to-end encrypted: it was sealed on your side, the server passed on what it cannot read, and this agent opened it with keys of its own and proved that it is yours. My answer goes back the same way.',
    'To give me a real model, set the key of a provider, such as ANTHROPIC_API_KEY, OPENAI_API_KEY or GEMINI_API_KEY, or start Ollama, and run `puffo-agent quickstart` again.',
  ].join('\n\n'),
  [
    'Still not an AI, only the built-in offline model with fixed words; I do not understand what you write.',
    'It arrived end-to-end encrypted, in order and once, and I remember that you have written before. A real model takes my place when you set ANTHROPIC_API_KEY, OPENAI_API_KEY or GEMINI_API_KEY, or start Ollama, and run `puffo-agent quickstart` again.',
  ].join('\n\n'),
  [
    'This is the offline model again, which is not an AI and says the same to everybody.',
    'Your message was encrypted from your device to mine, and so is this answer. For real answers, run `puffo-agent quickstart` with the key of a provider in the environment or with Ollama running; `puffo-agent doctor` tells what is missing.',
  ].join('\n\n'),
];

/** `turn`: 1 for the first one of a session. */
export function composeOfflineAnswer(turn: number): string {
  const [first, ...later] = ANSWERS;
  return turn <= 1 ? first : (later[(turn - 2) % later.length] ?? first);
}

// The coding-agent programs that the drivers are tested with, at versions that run on Node 20. A newer one is a change here.
export const ENGINE_PROGRAMS = {
  '@anthropic-ai/claude-code': '2.1.197',
  '@openai/codex': '0.169.0',
  '@google/gemini-cli': '0.61.0',
};

/** Names the folder whose `node_modules` holds them; without it their tests do not run. */
export const ENGINE_PROGRAMS_VARIABLE = 'PUFFO_ENGINE_CLIS';

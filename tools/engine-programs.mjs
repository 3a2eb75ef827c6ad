// The coding-agent programs that the drivers are tested with. They run on Node 20, also Claude Code: what runs is the program of its
// platform package, not the wrapper that wants Node 22. A newer version is a change here.
export const ENGINE_PROGRAMS = {
  '@anthropic-ai/claude-agent-sdk': '0.3.330',
  '@anthropic-ai/claude-code': '2.1.330',
  '@openai/codex': '0.169.0',
  '@google/gemini-cli': '0.61.0',
};

/** Names the folder whose `node_modules` holds them; without it their tests do not run. */
export const ENGINE_PROGRAMS_VARIABLE = 'PUFFO_ENGINE_CLIS';

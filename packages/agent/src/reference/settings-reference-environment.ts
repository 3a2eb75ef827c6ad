// Every environment variable that `puffo-agent` looks at. `npm run check` finds the names in the sources and compares.
import type { Provider } from '../config/agent-config.ts';
import { KEY_VARIABLES } from '../config/runtime-defaults.ts';

export interface EnvironmentVariable {
  readonly name: string;
  readonly meaning: string;
}

export const ENVIRONMENT_VARIABLES: readonly EnvironmentVariable[] = [
  { name: 'PUFFO_AGENT_HOME', meaning: 'folder of the home; without it, `~/.puffo-agent`' },
  { name: 'PUFFO_HOME', meaning: 'has no effect; a warning says so when it names another folder' },
  ...keyVariables('anthropic'),
  ...keyVariables('openai'),
  ...keyVariables('google'),
  programVariable('PUFFO_CLAUDE_BIN', 'claude', 'Claude Code'),
  programVariable('PUFFO_CODEX_BIN', 'codex', 'Codex'),
  programVariable('PUFFO_GEMINI_BIN', 'gemini', 'Gemini CLI'),
  programVariable('PUFFO_HERMES_BIN', 'hermes', 'Hermes'),
  { name: 'HTTP_PROXY', meaning: 'proxy for `http` addresses; in small letters too' },
  { name: 'HTTPS_PROXY', meaning: 'proxy for `https` addresses; in small letters too' },
  { name: 'NO_PROXY', meaning: 'hosts that are reached without a proxy; this machine always is' },
  { name: 'PUFFO_AGENT_LOG_LEVEL', meaning: '`debug`, `info`, `warn`, `error` or `silent`; without it, `info`' },
  {
    name: 'PUFFO_PERMISSION_TIMEOUT',
    meaning: 'seconds that a turn waits for the answer of the operator, at most 1500; without it, 300',
  },
  { name: 'XDG_DATA_HOME', meaning: 'where `puffo-cli` keeps its keys on Linux; without it, `~/.local/share`' },
  { name: 'APPDATA', meaning: 'the same on Windows' },
  { name: 'EDITOR', meaning: 'what `agent edit` opens; without it, `vi` or `notepad`' },
  { name: 'OLLAMA_HOST', meaning: 'where `quickstart` looks for Ollama; without it, port 11434 of this machine' },
  { name: 'USER', meaning: 'what `quickstart` calls you; on Windows `USERNAME`' },
  { name: 'USERNAME', meaning: 'the same on Windows' },
  {
    name: 'HOME',
    meaning: 'your folder, with your logins; programs of agents get the folder of their agent in its place',
  },
  { name: 'PATH', meaning: 'where programs such as `claude` are looked for; on Windows with `PATHEXT`' },
  { name: 'PATHEXT', meaning: 'endings of programs on Windows' },
  { name: 'PUFFO_AGENT_UPDATE_URL', meaning: 'where `check-update` asks for releases; without it, it does not ask' },
  {
    name: 'CLAUDE_CONFIG_DIR',
    meaning: 'is not handed on: Claude Code of an agent keeps its files in the folder of the agent',
  },
  { name: 'CODEX_HOME', meaning: 'is not handed on: Codex of an agent keeps its files in the folder of the agent' },
  { name: 'IS_SANDBOX', meaning: 'is not handed on: as root, Claude Code needs another `permission_mode`' },
  {
    name: 'PUFFO_TOOL_TOKEN',
    meaning: 'made by the daemon for programs of agents: opens the tools of one agent until its session ends',
  },
];

function programVariable(name: string, program: string, label: string): EnvironmentVariable {
  return { name, meaning: `path of ${label} for agents; without it, \`${program}\` on the \`PATH\`` };
}

function keyVariables(provider: Provider): readonly EnvironmentVariable[] {
  return KEY_VARIABLES[provider].map((name, index) => ({
    name,
    meaning:
      index === 0
        ? `key for ${provider}, when neither \`agent.yml\` nor \`daemon.yml\` has one`
        : `the same, when the one before is not set`,
  }));
}

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
  { name: 'PATH', meaning: 'where programs such as `claude` are looked for; on Windows with `PATHEXT`' },
  { name: 'PATHEXT', meaning: 'endings of programs on Windows' },
  { name: 'PUFFO_AGENT_UPDATE_URL', meaning: 'where `check-update` asks for releases; without it, it does not ask' },
];

function keyVariables(provider: Provider): readonly EnvironmentVariable[] {
  return KEY_VARIABLES[provider].map((name, index) => ({
    name,
    meaning:
      index === 0
        ? `key for ${provider}, when neither \`agent.yml\` nor \`daemon.yml\` has one`
        : `the same, when the one before is not set`,
  }));
}

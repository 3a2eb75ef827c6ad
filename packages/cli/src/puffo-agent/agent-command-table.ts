// Every command of `puffo-agent`. Order of options as in help. spec: daemon-and-cli 4
import type { AgentCommand, AgentOption } from './agent-command.ts';

const KINDS = ['chat-local', 'sdk-local', 'cli-local', 'cli-docker'];
const PROVIDERS = ['anthropic', 'openai', 'google'];
const PERMISSION_MODES = ['bypassPermissions', 'default', 'acceptEdits', 'auto', 'dontAsk'];
const HARNESSES = ['claude-code', 'codex', 'hermes', 'gemini-cli'];

const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'];

const JSON_OPTION: AgentOption = { flag: 'json', kind: 'switch', help: 'print JSON' };
const ID = { name: 'id', help: 'id of the agent' };
const QUESTION = { name: 'id', help: 'id of the question, as listed' };

export const GROUPS: Readonly<Record<string, string>> = {
  agent: 'the agents of this home',
  approvals: 'what agents ask before they do it',
  pairing: 'whose browser may manage agents',
  api: 'the bridge that browsers use',
};

export const AGENT_COMMANDS: readonly AgentCommand[] = [
  {
    name: 'quickstart',
    summary: 'from nothing to a conversation with an agent; run again, it goes on',
    load: () => import('./commands/quickstart-command.ts'),
  },
  {
    name: 'doctor',
    summary: 'what is missing, in order of what to do',
    options: [JSON_OPTION],
    load: () => import('./commands/doctor-command.ts'),
  },
  {
    name: 'config',
    summary: 'ask for the default provider and its keys',
    load: () => import('./commands/config-command.ts'),
  },
  {
    name: 'start',
    summary: 'keep the agents of this home alive, until it is told to stop',
    options: [
      {
        flag: 'log-level',
        kind: 'text',
        choices: LOG_LEVELS,
        help: 'the least that is logged; $PUFFO_AGENT_LOG_LEVEL or info unless given',
      },
      {
        flag: 'stop-with-input',
        kind: 'switch',
        help: 'end when standard input does, for a program that must not leave its daemon behind',
      },
    ],
    load: () => import('./commands/start-command.ts'),
  },
  {
    name: 'stop',
    summary: 'ask the daemon to end and wait for it',
    options: [{ flag: 'timeout', kind: 'integer', help: 'seconds to wait, 60 unless told' }],
    load: () => import('./commands/stop-command.ts'),
  },
  {
    name: 'status',
    summary: 'whether a daemon runs, and what its agents do',
    options: [JSON_OPTION],
    load: () => import('./commands/status-command.ts'),
  },
  { name: 'version', summary: 'print the version', load: () => import('./commands/version-command.ts') },
  {
    name: 'check-update',
    summary: 'whether there is a newer version; installs nothing',
    load: () => import('./commands/check-update-command.ts'),
  },
  {
    name: 'agent create',
    summary: 'make a new agent',
    options: [
      { flag: 'id', kind: 'text', isRequired: true, help: 'letters, digits, _ and -; the name of its folder' },
      { flag: 'display-name', kind: 'text', help: 'name for people; the id unless given' },
      { flag: 'profile', kind: 'text', help: 'file with its role; a short template unless given' },
      { flag: 'runtime', kind: 'text', choices: KINDS, help: 'where it runs; chat-local unless given' },
      { flag: 'provider', kind: 'text', choices: PROVIDERS, help: 'who serves the model' },
      { flag: 'api-key', kind: 'text', help: 'key of the provider; daemon.yml, environment or a question otherwise' },
      { flag: 'model', kind: 'text', help: 'name of the model' },
      { flag: 'base-url', kind: 'text', help: 'address of a gateway or of a server that speaks the same protocol' },
      { flag: 'harness', kind: 'text', choices: HARNESSES, help: 'agent loop of the cli kinds' },
      { flag: 'no-mention', kind: 'switch', help: 'do not answer messages that mention it' },
      { flag: 'no-dm', kind: 'switch', help: 'do not answer direct messages' },
      { flag: 'on-channel', kind: 'switch', help: 'see every message of its channels, also without a mention' },
    ],
    load: () => import('./commands/create-command.ts'),
  },
  {
    name: 'agent list',
    summary: 'all agents',
    options: [JSON_OPTION],
    load: () => import('./commands/list-command.ts'),
  },
  {
    name: 'agent show',
    summary: 'everything about one agent, without its key',
    arguments: [ID],
    options: [JSON_OPTION],
    load: () => import('./commands/show-command.ts'),
  },
  {
    name: 'agent logs',
    summary: 'what it did lately',
    arguments: [ID],
    options: [
      { flag: 'follow', short: 'f', kind: 'switch', help: 'go on with what comes, until Ctrl-C' },
      { flag: 'lines', kind: 'integer', help: 'how many of the last lines, 50 unless told' },
      JSON_OPTION,
    ],
    load: () => import('./commands/logs-command.ts'),
  },
  {
    name: 'agent pause',
    summary: 'let it rest',
    arguments: [ID],
    load: () => import('./commands/pause-command.ts'),
  },
  {
    name: 'agent resume',
    summary: 'let it work again',
    arguments: [ID],
    load: () => import('./commands/resume-command.ts'),
  },
  {
    name: 'agent refresh-ping',
    summary: 'run Claude Code once as a cli-local agent and show what its login does',
    arguments: [ID],
    load: () => import('./commands/refresh-ping-command.ts'),
  },
  {
    name: 'agent runtime',
    summary: 'show or change how it runs',
    arguments: [ID],
    options: [
      { flag: 'kind', kind: 'text', choices: KINDS, help: 'where it runs' },
      { flag: 'provider', kind: 'text', choices: PROVIDERS, help: 'who serves the model' },
      { flag: 'model', kind: 'text', help: 'name of the model; empty: the default' },
      { flag: 'api-key', kind: 'text', help: 'key of the provider; empty: that of daemon.yml' },
      { flag: 'base-url', kind: 'text', help: 'address of a gateway; empty: that of the provider' },
      { flag: 'allowed-tools', kind: 'text', help: 'tools of sdk-local, separated by commas; empty: none' },
      { flag: 'docker-image', kind: 'text', help: 'image of cli-docker; empty: the bundled one' },
      {
        flag: 'permission-mode',
        kind: 'text',
        choices: PERMISSION_MODES,
        help: 'of cli-local: what it does without asking',
      },
      { flag: 'max-turns', kind: 'integer', help: 'of sdk-local, 1 or more' },
      { flag: 'harness', kind: 'text', choices: HARNESSES, help: 'agent loop of the cli kinds' },
    ],
    load: () => import('./commands/runtime-command.ts'),
  },
  {
    name: 'agent archive',
    summary: 'pause it and move it out of the way, with everything it has',
    arguments: [ID],
    load: () => import('./commands/archive-command.ts'),
  },
  {
    name: 'agent edit',
    summary: 'open its profile in $EDITOR',
    arguments: [ID],
    load: () => import('./commands/edit-command.ts'),
  },
  {
    name: 'agent rename',
    summary: 'change its display name in agent.yml',
    arguments: [ID, { name: 'display_name', help: 'the new name' }],
    load: () => import('./commands/rename-command.ts'),
  },
  {
    name: 'agent export',
    summary: 'pack its folder into a ZIP, without keys and tokens',
    arguments: [ID, { name: 'dest', help: 'file to write; .zip is added' }],
    options: [
      {
        flag: 'include-secrets',
        kind: 'switch',
        help: 'pack keys and tokens too: whoever has the file can act as the agent',
      },
      { flag: 'force', kind: 'switch', help: 'replace a file that is there' },
    ],
    load: () => import('./commands/export-command.ts'),
  },
  {
    name: 'approvals list',
    summary: 'what agents ask their operator, and what is always allowed',
    isDefault: true,
    options: [JSON_OPTION],
    load: () => import('./commands/approvals-list-command.ts'),
  },
  {
    name: 'approvals show',
    summary: 'one question with all of its arguments',
    arguments: [QUESTION],
    options: [JSON_OPTION],
    load: () => import('./commands/approvals-show-command.ts'),
  },
  {
    name: 'approvals allow',
    summary: 'yes, this once',
    arguments: [QUESTION],
    load: () => import('./commands/approvals-allow-command.ts'),
  },
  {
    name: 'approvals deny',
    summary: 'no',
    arguments: [QUESTION],
    load: () => import('./commands/approvals-deny-command.ts'),
  },
  {
    name: 'approvals always',
    summary: 'yes, and with exactly these arguments from now on without a question',
    arguments: [QUESTION],
    load: () => import('./commands/approvals-always-command.ts'),
  },
  {
    name: 'approvals revoke',
    summary: 'ask again about what is always allowed',
    arguments: [QUESTION],
    load: () => import('./commands/approvals-revoke-command.ts'),
  },
  {
    name: 'pairing show',
    summary: 'who is paired',
    options: [JSON_OPTION],
    load: () => import('./commands/pairing-show-command.ts'),
  },
  { name: 'pairing unpair', summary: 'undo the pairing', load: () => import('./commands/unpair-command.ts') },
  {
    name: 'api status',
    summary: 'how the bridge is configured',
    options: [JSON_OPTION],
    load: () => import('./commands/api-status-command.ts'),
  },
];

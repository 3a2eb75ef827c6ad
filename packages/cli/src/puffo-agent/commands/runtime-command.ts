// spec: daemon-and-cli 4.13
import { type RuntimeChanges, type RuntimeDetails, setRuntime, showRuntime } from '@puffo/daemon/operations';
import { cleanName } from '../../output/clean-text.ts';
import type { AgentCall, ExitCode } from '../agent-command.ts';
import { askDaemon, reportAgent } from '../ask-daemon.ts';
import { parseToolList } from '../parse-tool-list.ts';

const LABEL_WIDTH = 20;
const MAX_CHARACTERS = 1000;

export async function run(call: AgentCall): Promise<ExitCode> {
  const { context, argument } = call;
  const id = argument('id');
  const changes = readChanges(call);
  if (Object.values(changes).every((value) => value === undefined)) {
    const { runtime, problem } = await showRuntime(context, { id });
    for (const line of describe(id, runtime)) call.print(line);
    if (problem !== undefined) call.note(`warning: ${cleanName(problem, MAX_CHARACTERS)}`);
    return 0;
  }
  const asked = await askDaemon(call, {
    operation: 'set-runtime',
    input: { id, changes },
    lookUp: async () => (holds((await showRuntime(context, { id })).runtime, changes) ? { id } : undefined),
  });
  const { runtime, isDaemonAlive } =
    asked === undefined
      ? await setRuntime(context, { id, changes })
      : // The daemon has warned already.
        { ...(await showRuntime({ ...context, warn: () => undefined }, { id })), isDaemonAlive: false };
  call.print(`agent '${id}' runtime updated:`);
  call.print(clean(`  kind=${runtime.kind} model=${runtime.model || '(default)'}`));
  if (runtime.allowedTools.length > 0) call.print(clean(`  allowed_tools=${JSON.stringify(runtime.allowedTools)}`));
  if (runtime.dockerImage !== '') call.print(clean(`  docker_image=${runtime.dockerImage}`));
  if (asked !== undefined) reportAgent(call, asked.agent);
  else if (isDaemonAlive) call.print('daemon will restart the worker on the next reconcile tick.');
  return 0;
}

function readChanges({ text, integer }: AgentCall): RuntimeChanges {
  const tools = text('allowed-tools');
  return {
    kind: text('kind'),
    provider: text('provider'),
    model: text('model'),
    apiKey: text('api-key'),
    baseUrl: text('base-url'),
    allowedTools: tools === undefined ? undefined : parseToolList(tools),
    dockerImage: text('docker-image'),
    permissionMode: text('permission-mode'),
    maxTurns: integer('max-turns'),
    harness: text('harness'),
  };
}

/** Whether the changes are made. A key cannot be seen, only whether there is one. */
function holds(runtime: RuntimeDetails, { apiKey, harness, ...others }: RuntimeChanges): boolean {
  const isKeySet = apiKey === undefined || runtime.hasApiKey === (apiKey !== '');
  const isHarnessSet = harness === undefined || runtime.harness === harness;
  const stored: RuntimeChanges = runtime;
  const names = Object.keys(others) as (keyof typeof others)[];
  return (
    isKeySet &&
    isHarnessSet &&
    names.every((name) => others[name] === undefined || String(stored[name]) === String(others[name]))
  );
}

function describe(id: string, runtime: RuntimeDetails): readonly string[] {
  return [
    `${'id:'.padEnd(LABEL_WIDTH - 3)}${id}`,
    'runtime:',
    line('kind', runtime.kind),
    line('provider', runtime.provider || '(default)'),
    line('harness', `${runtime.harness}  (cli-local / cli-docker only)`),
    line('model', runtime.model || '(default)'),
    line('api_key', runtime.hasApiKey ? '(set)' : '(inherit)'),
    ...(runtime.baseUrl === '' ? [] : [line('base_url', runtime.baseUrl)]),
    line('allowed_tools', JSON.stringify(runtime.allowedTools)),
    line('docker_image', runtime.dockerImage || '(bundled default)'),
    line('permission_mode', `${runtime.permissionMode}  (cli-local only)`),
    line('max_turns', `${runtime.maxTurns}  (sdk-local only)`),
  ];
}

function line(label: string, value: string): string {
  return `  ${`${label}:`.padEnd(LABEL_WIDTH - 2)}${clean(value)}`;
}

/** Keeps the blanks at the start of a line. */
function clean(text: string): string {
  const indent = /^ */.exec(text)?.[0] ?? '';
  return indent + cleanName(text, MAX_CHARACTERS);
}

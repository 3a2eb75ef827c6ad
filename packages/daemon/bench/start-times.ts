// How long commands take from their start to their end, beside the start of Node itself. One after the other in turns, so that
// whatever else the machine does meets all of them.
import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { createHome } from '@puffo/daemon/home';
import { addUnregisteredAgents, runtimeRecordText } from './agent-homes.ts';
import { heading, median, row } from './figures.ts';

const PROGRAM = fileURLToPath(new URL('../../cli/bin/puffo-agent.mjs', import.meta.url));
const RUNS = 25;
const WARM_UP_RUNS = 2;
const AGENTS = 10;

export async function measureStarts(folder: string): Promise<void> {
  const home = createHome(folder);
  await mkdir(home.agentsFolder, { recursive: true });
  await addUnregisteredAgents(home, AGENTS);
  for (let number = 0; number < AGENTS; number++) {
    await writeFile(home.agent(`agent-${number}`).runtimeFile, runtimeRecordText(Date.now()));
  }
  const bare: number[] = [];
  const help: number[] = [];
  const status: number[] = [];
  for (let run = -WARM_UP_RUNS; run < RUNS; run++) {
    const times = [
      ['-e', '0'],
      [PROGRAM, '--help'],
      [PROGRAM, 'status'],
    ].map((args) => timeOf(args, folder));
    if (run < 0) continue;
    for (const [at, list] of [bare, help, status].entries()) list.push(times[at] ?? NaN);
  }
  heading(`commands, the median of ${RUNS} runs each in turns; bare Node starts in ${median(bare).toFixed(1)} ms`);
  const unit = 'x node -e 0';
  const ratio = (times: readonly number[]) => median(times.map((ms, run) => ms / (bare[run] ?? NaN)));
  row('puffo-agent --help', { value: ratio(help), most: 1.5, unit });
  row(`puffo-agent status, ${AGENTS} agents`, { value: ratio(status), most: 2.5, unit });
}

function timeOf(args: readonly string[], folder: string): number {
  const env = { PATH: '/usr/bin:/bin', HOME: folder, PUFFO_AGENT_HOME: folder };
  const startedAt = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [...args], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  const ms = performance.now() - startedAt;
  if (status !== 0) throw new Error(`node ${args.join(' ')} failed: ${stderr.toString()}`);
  return ms;
}

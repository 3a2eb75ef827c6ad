// A process with the arguments of a daemon: says it is there, and ends when it is asked to. Called `puffo-agent-….mjs start`.
import { existsSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [, , home, , ...options] = process.argv;
const pidFile = join(home, 'daemon.pid');
const stopFile = join(home, '.stop_requested');
writeFileSync(pidFile, String(process.pid));
process.stdout.write('ready\n');
const watching = setInterval(() => {
  if (options.includes('--deaf') || !existsSync(stopFile)) return;
  if (!options.includes('--untidy')) {
    unlinkSync(pidFile);
    unlinkSync(stopFile);
  }
  clearInterval(watching);
}, 20);

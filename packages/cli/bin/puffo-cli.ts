#!/usr/bin/env node
// The process around the command line: the only place that knows environment, streams, signals and exit.
import { homedir } from 'node:os';
import { systemClock, systemRandom } from '@puffo/base';
import { endSoon, listenForStop } from './around-process.ts';
import { runCli } from '../src/run-cli.ts';

// Whatever is made here is for this user only: keys, messages, files.
process.umask(0o077);
// Whoever read along has gone, as in `puffo-cli read general | head`. Nothing is left to be said to them.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => process.exit());

const exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  home: homedir(),
  platform: process.platform,
  now: systemClock,
  random: systemRandom,
  // Opened when it is asked for: an open pipe keeps a process alive.
  get stdin() {
    return process.stdin;
  },
  stdout: process.stdout,
  stderr: process.stderr,
  stop: listenForStop(),
});
endSoon(exitCode);

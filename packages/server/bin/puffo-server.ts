#!/usr/bin/env node
// The process around the command line: the only place that knows environment, streams, signals and exit.
import { homedir } from 'node:os';
import { systemClock, systemRandom } from '@puffo/base';
import { runCli } from '../src/cli/run-cli.ts';

// Whatever is made here is for this user only: database, blobs, backups.
process.umask(0o077);
// Whoever read along has gone, as in `puffo-server identity list | head`. That is no reason to end a server.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

const exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  home: homedir(),
  platform: process.platform,
  print: (line) => void process.stdout.write(`${line}\n`),
  printProblem: (line) => void process.stderr.write(`${line}\n`),
  isTerminal: process.stderr.isTTY,
  now: systemClock,
  random: systemRandom,
  waitForStop,
  waitForInputEnd,
});
// Not `process.exit` at once: output to a pipe may still be on its way. What keeps running is cut off all the same.
process.exitCode = exitCode;
setTimeout(() => process.exit(), 500).unref();

/** The second signal is for impatient people. */
function waitForStop(): Promise<void> {
  return new Promise((resolve) => {
    let isStopping = false;
    function stop(): void {
      if (isStopping) process.exit(1);
      isStopping = true;
      resolve();
    }
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
}

/** A pipe ends with the process that holds its other end, however that process ends. */
function waitForInputEnd(): Promise<void> {
  return new Promise((resolve) => {
    process.stdin.on('end', resolve).on('error', resolve).resume();
  });
}

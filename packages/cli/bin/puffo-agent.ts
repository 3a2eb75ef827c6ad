#!/usr/bin/env node
// The process around the command line: the only place that knows environment, streams, signals and exit. Loads nothing
// heavy, and never sets `process.title`: others tell a daemon by its arguments. spec: daemon-and-cli 2.2
import { homedir } from 'node:os';
import { endSoon, listenForStop } from './around-process.ts';
import { runAgentCli } from '../src/puffo-agent/run-agent-cli.ts';

// Whatever is made here is for this user only: keys, messages, files.
process.umask(0o077);

const exitCode = await runAgentCli(process.argv.slice(2), {
  env: process.env,
  home: homedir(),
  workingFolder: process.cwd(),
  platform: process.platform,
  // Opened when they are asked for: it takes time, and an open pipe keeps a process alive.
  get stdin() {
    return process.stdin;
  },
  get stdout() {
    return guard(process.stdout, () => process.exit());
  },
  // A daemon whose terminal is gone still has its agents to stop.
  get stderr() {
    return guard(process.stderr, () => undefined);
  },
  stop: listenForStop(),
  onStrayFailure: (listener) => void process.on('unhandledRejection', listener),
});
endSoon(exitCode);

/** Whoever read along has gone, as in `puffo-agent agent list | head`. Nothing is left to be said to them. */
function guard<Stream extends NodeJS.WriteStream>(stream: Stream, onGone: () => void): Stream {
  if (stream.listenerCount('error') === 0) stream.on('error', onGone);
  return stream;
}

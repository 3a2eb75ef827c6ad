#!/usr/bin/env node
// What npm links as the command: it has to exist when npm installs, and the program is built only after that.
import { existsSync } from 'node:fs';

const program = new URL('../dist/bin/puffo-agent.js', import.meta.url);

if (existsSync(program)) {
  await import(program.href);
} else {
  console.error('Cannot run puffo-agent: it is not built yet, run "npm start" in the repository once');
  process.exitCode = 1;
}

// `npm run test:engines`: the drivers against the real programs, and those against fake providers on loopback. Installs the
// programs from the registry into a cache folder. Arguments go to vitest.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ENGINE_PROGRAMS_VARIABLE } from './engine-programs.mjs';
import { installEnginePrograms } from './install-engine-programs.mjs';
import { BINARIES, runNodeScript } from './run-command.mjs';
import { runTool } from './run-tool.mjs';
import { setUp } from './set-up.mjs';

await runTool(async () => {
  await setUp();
  process.env[ENGINE_PROGRAMS_VARIABLE] = await installEnginePrograms();
  return inThrowAwayHome(() =>
    runNodeScript(BINARIES.vitest, ['run', '--project', 'engines', ...process.argv.slice(2)]),
  );
});

/** Each test gives its program a home of its own. Should one be forgotten, it meets nobody's login. */
async function inThrowAwayHome(work) {
  const home = mkdtempSync(join(tmpdir(), 'puffo-engines-home-'));
  for (const name of ['HOME', 'USERPROFILE']) process.env[name] = home;
  try {
    return await work();
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  }
}

// `npm test`: every test of the repository. Arguments go to vitest: `npm test -- packages/base`.
import { BINARIES, runNodeScript } from './run-command.mjs';
import { runTool } from './run-tool.mjs';
import { setUp } from './set-up.mjs';

await runTool(async () => {
  await setUp();
  return runNodeScript(BINARIES.vitest, ['run', ...process.argv.slice(2)]);
});

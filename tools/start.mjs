// `npm start`: a fresh clone becomes a running program.
import { join } from 'node:path';
import { ROOT } from './repository.mjs';
import { runNodeScript } from './run-command.mjs';
import { runTool } from './run-tool.mjs';
import { setUp } from './set-up.mjs';

await runTool(async () => {
  await setUp();
  return runNodeScript(join(ROOT, 'tools/tour.mjs'), process.argv.slice(2));
});

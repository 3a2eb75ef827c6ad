// `npm start`: a fresh clone becomes a conversation with an agent.
import { join } from 'node:path';
import { ROOT } from './repository.mjs';
import { runNodeScript } from './run-command.mjs';
import { runTool } from './run-tool.mjs';
import { setUp } from './set-up.mjs';

await runTool(async () => {
  await setUp();
  return runNodeScript(join(ROOT, 'packages/cli/bin/puffo-agent.mjs'), ['quickstart', ...process.argv.slice(2)]);
});

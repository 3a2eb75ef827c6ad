// The generated tables of the documents: without an option it checks them, with `--write` it brings them up to date.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkReference, renderDocuments } from './check-reference.mjs';
import { ROOT } from './repository.mjs';
import { runTool, ToolError } from './run-tool.mjs';
import { build, listSourceProjects } from './set-up/build.mjs';

await runTool(async () => {
  const args = process.argv.slice(2);
  if (args.some((each) => each !== '--write')) throw new ToolError('usage: node tools/reference.mjs [--write]');
  await build(listSourceProjects(ROOT).filter((path) => /packages[\\/](agent|cli)[\\/]/.test(path)));
  if (args.includes('--write')) {
    for (const { path, text } of await renderDocuments(ROOT)) {
      writeFileSync(join(ROOT, path), text);
      console.log(`wrote ${path}`);
    }
  }
  const problems = await checkReference(ROOT);
  if (problems.length > 0) throw new ToolError(problems.join('\n'));
  console.log('The reference agrees with the program');
});

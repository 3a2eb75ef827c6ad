// `npm run bench -- <area>`: compiles the benchmark of one area and runs it in plain Node, against the built packages.
import { join } from 'node:path';
import { ENGINE_PROGRAMS_VARIABLE } from './engine-programs.mjs';
import { installEnginePrograms } from './install-engine-programs.mjs';
import { listFiles, ROOT } from './repository.mjs';
import { runNodeScript } from './run-command.mjs';
import { runTool, ToolError } from './run-tool.mjs';
import { setUp } from './set-up.mjs';
import { build } from './set-up/build.mjs';

/** Drives programs that are not ours. */
const WITH_PROGRAMS = 'engines';

await runTool(async () => {
  const [area, ...args] = process.argv.slice(2);
  const benches = listBenches();
  const areas = benches.map((each) => each.area).join(', ') || 'none yet';
  if (area === undefined) {
    console.log(`Name an area: npm run bench -- <area>\nAreas: ${areas}`);
    return 0;
  }
  const bench = benches.find((each) => each.area === area);
  if (bench === undefined) throw new ToolError(`Cannot run benchmark '${area}': the areas are ${areas}`);
  await setUp();
  if (area === WITH_PROGRAMS) process.env[ENGINE_PROGRAMS_VARIABLE] ??= await installEnginePrograms();
  await build([join(ROOT, bench.folder, 'tsconfig.bench.json')]);
  return runNodeScript(join(ROOT, bench.folder, 'dist-bench', `${area}.bench.js`), args);
});

function listBenches() {
  return listFiles(ROOT, 'packages').flatMap((path) => {
    const [, folder, area] = /^(packages\/[^/]+)\/bench\/([^/]+)\.bench\.ts$/.exec(path) ?? [];
    return folder === undefined || area === undefined ? [] : [{ folder, area }];
  });
}

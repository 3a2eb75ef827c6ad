// `npm run check`: everything about the source that a program can judge. `npm run check -- lint docs` runs some steps.
import { checkDocs } from './check-docs.mjs';
import { checkLayers } from './check-layers.mjs';
import { checkLockfile } from './check-lockfile.mjs';
import { checkReference } from './check-reference.mjs';
import { reportCoupling } from './report-coupling.mjs';
import { ROOT } from './repository.mjs';
import { BINARIES, formatSeconds, runQuietly } from './run-command.mjs';
import { runTool, ToolError } from './run-tool.mjs';
import { installIfStale } from './set-up.mjs';

/** Each step returns what is wrong as a text, empty when nothing is. */
const STEPS = {
  layers: async () => checkLayers(ROOT).join('\n'),
  lockfile: async () => checkLockfile(ROOT).join('\n'),
  types: () => runChecker(BINARIES.tsc, ['-b']),
  lint: runLint,
  format: () => runChecker(BINARIES.oxfmt, ['--check']),
  unused: () => runChecker(BINARIES.knip, []),
  docs: async () => checkDocs(ROOT).join('\n'),
  reference: async () => (await checkReference(ROOT)).join('\n'),
};

await runTool(async () => {
  const names = process.argv.slice(2);
  const unknown = names.find((name) => !(name in STEPS));
  if (unknown !== undefined)
    throw new ToolError(`Unknown step '${unknown}': choose from ${Object.keys(STEPS).join(', ')}`);
  await installIfStale();
  for (const [name, findProblems] of Object.entries(STEPS)) {
    if (names.length === 0 || names.includes(name)) await runStep(name, findProblems);
  }
  if (names.length === 0) console.log(reportCoupling(ROOT).join('\n'));
  console.log('All checks passed');
});

async function runStep(name, findProblems) {
  process.stdout.write(`${name.padEnd(9)} … `);
  const startedAt = Date.now();
  const problems = await findProblems();
  console.log(`${problems === '' ? 'ok' : 'failed'}, ${formatSeconds(Date.now() - startedAt)}`);
  if (problems !== '') throw new ToolError(`${problems}\nCheck failed: ${name}`);
}

async function runLint() {
  const problems = await runChecker(BINARIES.oxlint, []);
  const isTooLong = problems.includes('eslint(max-lines)');
  return isTooLong ? `${problems}\nA file is long: which stage or noun hides in it?` : problems;
}

async function runChecker(script, args) {
  const { exitCode, output } = await runQuietly(process.execPath, [script, ...args]);
  return exitCode === 0 ? '' : output.trim() || `exit code ${exitCode}`;
}

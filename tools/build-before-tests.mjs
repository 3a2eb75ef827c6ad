// Tests start worker threads, which are plain JavaScript: this builds it, also when vitest is started by itself.
import { ROOT } from './repository.mjs';
import { ToolError } from './run-tool.mjs';
import { build, listSourceProjects } from './set-up/build.mjs';

export async function setup() {
  try {
    await build(listSourceProjects(ROOT));
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    // The compiler writes JavaScript in spite of type errors, and a test may well come before the types are right.
    console.error(error.message);
  }
}

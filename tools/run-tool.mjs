// The frame around every script of this folder: what the user can repair is one sentence, the rest a stack trace.

/** A failure that its message explains completely. */
export class ToolError extends Error {}

/**
 * Runs `main` and turns what it returns, an exit code or nothing, into the exit code of this process.
 * @param {() => Promise<number | void>} main
 */
export async function runTool(main) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

// The two ways a tool runs another program: with its output shown as it comes, or kept until somebody asks for it.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './repository.mjs';

const MAX_KEPT_CHARACTERS = 200_000;

/** The JavaScript files behind the commands, because `node_modules/.bin` differs between systems. */
export const BINARIES = {
  knip: join(ROOT, 'node_modules/knip/bin/knip.js'),
  oxfmt: join(ROOT, 'node_modules/oxfmt/bin/oxfmt'),
  oxlint: join(ROOT, 'node_modules/oxlint/bin/oxlint'),
  tsc: join(ROOT, 'node_modules/typescript/bin/tsc'),
  vitest: join(ROOT, 'node_modules/vitest/vitest.mjs'),
};

/** Runs a Node script with our own input and output, and returns its exit code. */
export async function runNodeScript(path, args) {
  const child = spawn(process.execPath, [path, ...args], { cwd: ROOT, stdio: 'inherit' });
  // Ctrl-C reaches the child as well. It decides when it is done, and we report how it ended.
  process.once('SIGINT', () => undefined);
  return waitForExit(child);
}

/**
 * Runs a program in silence and returns what it said.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, shell?: boolean, uid?: number, gid?: number, watch?: Watch }} options
 */
export async function runQuietly(command, args, { cwd = ROOT, shell = false, watch, ...owner } = {}) {
  const child = spawn(command, args, { cwd, shell, stdio: ['ignore', 'pipe', 'pipe'], ...owner });
  const timer = watch === undefined ? undefined : watchProgress(child, watch);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text) => {
      output = (output + text).slice(-MAX_KEPT_CHARACTERS);
    });
  }
  try {
    return { exitCode: await waitForExit(child), output, isStalled: child.killed };
  } finally {
    clearInterval(timer);
  }
}

/**
 * For a program that may wait for somebody else forever.
 * @typedef {object} Watch
 * @property {number} everyMs how often `onWait` is called
 * @property {(elapsedMs: number) => void} onWait
 * @property {RegExp} progress what a program prints when it gets on
 * @property {number} maxStallMs time without progress after which the program is ended
 */

/**
 * @param {any} child
 * @param {Watch} watch
 */
function watchProgress(child, { everyMs, onWait, progress, maxStallMs }) {
  const startedAt = Date.now();
  let progressAt = startedAt;
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => {
      if (progress.test(text)) progressAt = Date.now();
    });
  }
  return setInterval(() => {
    onWait(Date.now() - startedAt);
    if (Date.now() - progressAt > maxStallMs) child.kill();
  }, everyMs);
}

/** @returns {Promise<number>} */
function waitForExit(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve(exitCode ?? 1));
  });
}

export function formatSeconds(elapsedMs) {
  return `${(elapsedMs / 1000).toFixed(1)} s`;
}

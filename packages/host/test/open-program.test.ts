import { sleep } from '@puffo/base';
import { expect, it } from 'vitest';
import { openProgram, type OpenOptions } from '../src/processes/open-program.ts';

const STUBBORN = "process.on('SIGTERM', () => undefined); setInterval(() => 0, 1000);";

function open(script: string, options: Partial<OpenOptions> = {}) {
  return openProgram(process.execPath, ['-e', script], { environment: {}, folder: '/', graceMs: 100, ...options });
}

async function collect(lines: AsyncIterable<string>): Promise<readonly string[]> {
  const collected: string[] = [];
  for await (const line of lines) collected.push(line);
  return collected;
}

async function firstOf(lines: AsyncIterable<string>): Promise<string> {
  for await (const line of lines) return line;
  return '';
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function untilGone(pid: number): Promise<void> {
  while (isAlive(pid)) await sleep(10);
}

it('passes lines both ways, whole, whatever their length', async () => {
  await using program = await open('process.stdin.pipe(process.stdout)');
  const long = 'ü'.repeat(3_000_000);
  const lines = collect(program.lines);
  await program.write('one');
  await program.write(long);
  program.endInput();
  expect(await lines).toEqual(['one', long]);
  expect(await program.ended).toEqual({ exitCode: 0, signal: undefined });
});

it('hands over what stands behind the last line end, and lines without their carriage return', async () => {
  await using program = await open("process.stdout.write('a\\r\\n\\nb')");
  expect(await collect(program.lines)).toEqual(['a', '', 'b']);
});

it('gives the program what it is given and a mark, and nothing else', async () => {
  await using program = await open('console.log(JSON.stringify(process.env))', { environment: { ONLY: 'this' } });
  const [line = ''] = await collect(program.lines);
  expect(line).toMatch(/^\{"ONLY":"this","PUFFO_PROGRAM":"[\da-f]{32}"\}$/);
});

it('ends a program that prints a line beyond the limit, and says so', async () => {
  await using program = await open(`console.log('short'); console.log('x'.repeat(2000)); ${STUBBORN}`, {
    maxLineBytes: 1000,
  });
  expect(await collect(program.lines)).toEqual(['short']);
  expect(await program.ended).toEqual({ exitCode: undefined, signal: 'SIGKILL' });
  expect(program.stderrTail()).toContain('more than 1000 bytes');
});

it('keeps the end of what the program complains about', async () => {
  await using program = await open("console.error('x'.repeat(20000) + 'the end')");
  await program.ended;
  expect(program.stderrTail()).toMatch(/^x+the end\n$/);
  expect(program.stderrTail().length).toBe(8192);
});

it('lets a program end by itself when its input ends', async () => {
  const program = await open("process.stdin.resume().on('end', () => process.exit(4)); console.log('ready')", {
    graceMs: 60_000,
  });
  await firstOf(program.lines);
  await program.stop();
  expect(await program.ended).toEqual({ exitCode: 4, signal: undefined });
});

it('ends a program by force, with what it started, that heeds neither its input nor the request', async () => {
  const child = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(`${STUBBORN} console.log(process.pid)`)}], { stdio: ['ignore', 'inherit', 'ignore'] });`;
  const program = await open(`${child} ${STUBBORN}`);
  const childPid = Number(await firstOf(program.lines));
  await Promise.all([program.stop(), program[Symbol.asyncDispose]()]);
  expect(await program.ended).toEqual({ exitCode: undefined, signal: 'SIGKILL' });
  await untilGone(childPid);
  expect(isAlive(program.pid)).toBe(false);
});

it('ends what a program leaves behind', async () => {
  const child = `const c = require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(STUBBORN)}], { stdio: 'ignore' });`;
  await using program = await open(`${child} console.log(c.pid); c.unref();`);
  const childPid = Number(await firstOf(program.lines));
  await program.ended;
  await expect(untilGone(childPid)).resolves.toBeUndefined();
});

it.runIf(process.platform === 'linux')('ends also what left the group, when the program is killed', async () => {
  const child = `const c = require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(STUBBORN)}], { stdio: 'ignore', detached: true });`;
  await using program = await open(`${child} console.log(c.pid); ${STUBBORN}`);
  const childPid = Number(await firstOf(program.lines));
  process.kill(program.pid, 'SIGKILL');
  await program.ended;
  await expect(untilGone(childPid)).resolves.toBeUndefined();
});

it('does not wait for a process that cannot be found and holds the output', async () => {
  const script = `
    const c = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)'],
      { stdio: ['ignore', 'inherit', 'inherit'], detached: true, env: {} });
    console.log(c.pid); c.unref();`;
  await using program = await open(script);
  const lines = await collect(program.lines);
  expect(await program.ended).toEqual({ exitCode: 0, signal: undefined });
  process.kill(Number(lines[0]), 'SIGKILL');
});

it('refuses to write to a program that has ended', async () => {
  await using program = await open('');
  await program.ended;
  await expect(program.write('hello')).rejects.toMatchObject({ code: 'not-runnable' });
});

it('says when there is no such program', async () => {
  await expect(openProgram('no-such-program-here', [], { environment: {}, folder: '/' })).rejects.toMatchObject({
    code: 'no-program',
  });
});

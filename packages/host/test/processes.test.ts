import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { findProgram } from '../src/processes/find-program.ts';
import { parsePs, parseWindowsLine, readProcessArguments } from '../src/processes/read-process-arguments.ts';
import { runProgram } from '../src/processes/run-program.ts';
import { makeTemporaryFolder } from './kit/temporary-folder.ts';

const COLLECT = { kind: 'collect', maxBytes: 1000 } as const;

describe('readProcessArguments', () => {
  it('gives those of a running process, and none when it has ended', async () => {
    const script = 'setInterval(() => undefined, 1000)';
    const child = spawn(process.execPath, ['-e', script, 'puffo-agent', 'start'], { stdio: 'ignore' });
    await once(child, 'spawn');
    const pid = child.pid ?? 0;
    expect(await readProcessArguments(pid)).toEqual(expect.arrayContaining(['puffo-agent', 'start']));
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    expect(await readProcessArguments(pid)).toBeUndefined();
  });

  it.each([0, -1, 1.5, Number.NaN, 2 ** 31 - 2])('knows no process %d', async (pid) => {
    expect(await readProcessArguments(pid)).toBeUndefined();
  });

  it.each([
    ['S+   node /x/puffo-agent.mjs start\n', ['node', '/x/puffo-agent.mjs', 'start']],
    ['Z    (node)\n', undefined],
    ['', undefined],
    ['S\n', undefined],
  ])('reads what ps prints: %j', (output, args) => expect(parsePs(output)).toEqual(args));

  it.each([
    [
      '"C:\\Program Files\\node.exe" C:\\x\\puffo-agent.js start\r\n',
      ['C:\\Program Files\\node.exe', 'C:\\x\\puffo-agent.js', 'start'],
    ],
    ['', undefined],
  ])('reads what Windows knows: %j', (line, args) => expect(parseWindowsLine(line)).toEqual(args));
});

describe('runProgram', () => {
  it('gives what a program printed, and how it ended', async () => {
    await using folder = await makeTemporaryFolder();
    const script = 'echo "out $X $(pwd)"; echo problem >&2; cat; exit 3';
    const result = await runProgram('/bin/sh', ['-c', script], {
      environment: { X: 'x' },
      folder: folder.path,
      output: COLLECT,
    });
    expect(result).toEqual({ ending: 'exited', exitCode: 3, stdout: `out x ${folder.path}\n`, stderr: 'problem\n' });
  });

  it('keeps so much of the output, and lets the program go on', async () => {
    const script = 'process.stdout.write("x".repeat(500000), () => process.exit(4))';
    const result = await runProgram(process.execPath, ['-e', script], { output: COLLECT });
    expect(result).toMatchObject({ exitCode: 4, stdout: 'x'.repeat(1000) });
  });

  it('ends a program that takes too long, also one that does not want to', async () => {
    const script = "trap '' TERM; echo ready; while :; do sleep 0.05; done";
    const result = await runProgram('/bin/sh', ['-c', script], { output: COLLECT, timeoutMs: 200 });
    expect(result).toMatchObject({ ending: 'timed-out', exitCode: undefined });
  });

  it('ends a program when it is told to', async () => {
    const result = await runProgram('/bin/sh', ['-c', 'sleep 60'], { output: COLLECT, signal: AbortSignal.abort() });
    expect(result).toMatchObject({ ending: 'stopped', exitCode: undefined });
  });

  it('says when there is no such program, or it may not be run', async () => {
    await using folder = await makeTemporaryFolder();
    await writeFile(folder.in('plain'), '');
    await expect(runProgram('no-such-program-here', [], { output: COLLECT })).rejects.toMatchObject({
      code: 'no-program',
    });
    await expect(runProgram(folder.in('plain'), [], { output: COLLECT })).rejects.toMatchObject({
      code: 'not-runnable',
    });
  });
});

describe('findProgram', () => {
  it('looks along PATH for a file that can be run', async () => {
    await using folder = await makeTemporaryFolder();
    const environment = { PATH: `${folder.in('a')}::${folder.in('b')}` };
    await mkdir(folder.in('a', 'tool'), { recursive: true });
    await mkdir(folder.in('b'));
    await writeFile(folder.in('b', 'tool'), '');
    await writeFile(folder.in('b', 'plain'), '');
    await chmod(folder.in('b', 'tool'), 0o755);
    expect(await findProgram('tool', { environment })).toBe(folder.in('b', 'tool'));
    expect(await findProgram('plain', { environment })).toBeUndefined();
    expect(await findProgram('', { environment })).toBeUndefined();
    expect(await findProgram('b/tool', { environment, folder: folder.path })).toBe(folder.in('b', 'tool'));
    expect(await findProgram(folder.in('b', 'tool'), { environment: {} })).toBe(folder.in('b', 'tool'));
  });
});

import { createDeferred } from '@puffo/base';
import { expect, it } from 'vitest';
import { startProgram } from '../src/processes/start-program.ts';

const ECHO = `
  process.stdin.on('data', () => undefined).on('end', () => { console.log('input ended'); process.exit(5); });
  process.on('SIGTERM', () => undefined);
  console.log('ready'); console.error('a problem');
`;

async function start(script: string) {
  const lines: string[] = [];
  const ready = createDeferred<void>();
  const program = await startProgram(process.execPath, ['-e', script], {
    environment: {},
    onLine(line, stream) {
      lines.push(`${stream} ${line}`);
      if (line === 'ready') ready.resolve();
    },
  });
  await ready.promise;
  return { program, lines };
}

it('hands over lines as they come, and ends the input of a program that is to stop', async () => {
  const { program, lines } = await start(ECHO);
  expect(await program.stop({ graceMs: 60_000 })).toEqual({ exitCode: 5, signal: undefined });
  expect(lines.toSorted()).toEqual(['stderr a problem', 'stdout input ended', 'stdout ready']);
});

it('ends a program by force that does not want to', async () => {
  const { program } = await start(
    "process.on('SIGTERM', () => undefined); setInterval(() => 0, 1000); console.log('ready')",
  );
  expect(await program.stop({ graceMs: 50 })).toEqual({ exitCode: undefined, signal: 'SIGKILL' });
});

it('tells when a program ends by itself, and stops it without harm afterwards', async () => {
  const { program } = await start("console.log('ready'); process.exitCode = 3");
  expect(await program.ended).toEqual({ exitCode: 3, signal: undefined });
  await program[Symbol.asyncDispose]();
});

it('says when there is no such program', async () => {
  await expect(startProgram('no-such-program-here', [])).rejects.toMatchObject({ code: 'no-program' });
});

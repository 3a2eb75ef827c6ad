import { expect, test } from 'vitest';
import { createHostPlacement } from './create-host-placement.ts';
import type { ProgramPlacement } from './program-placement.ts';
import { createProgramVersions, isOlder, parseVersion } from './program-versions.ts';

test.each([
  ['2.1.330 (Claude Code)', [2, 1, 330]],
  ['codex-cli 0.169.0', [0, 169, 0]],
  ['v10.20.30-beta.1', [10, 20, 30]],
  ['no version', undefined],
  ['1.2', undefined],
])('of "%s" the version is %j', (line, version) => {
  expect(parseVersion(line)).toEqual(version);
});

test.each([
  [[2, 1, 196], true],
  [[2, 0, 999], true],
  [[1, 9, 999], true],
  [[2, 1, 197], false],
  [[2, 2, 0], false],
  [[3, 0, 0], false],
] as const)('%j is older than 2.1.197: %s', (version, expected) => {
  expect(isOlder(version, [2, 1, 197])).toBe(expected);
});

test('a program is asked once, also by several at the same time', async () => {
  const host = createHostPlacement();
  let starts = 0;
  const placement: ProgramPlacement = {
    start(command) {
      starts++;
      return host.start(command);
    },
  };
  const versions = createProgramVersions();
  const command = { program: process.execPath, environment: {}, folder: '/' };
  const expected = parseVersion(process.versions.node);
  expect(await Promise.all([versions.detect(placement, command), versions.detect(placement, command)])).toEqual([
    expected,
    expected,
  ]);
  expect(await versions.detect(placement, command)).toEqual(expected);
  expect(starts).toBe(1);
});

test('a program that is not there is an error that says what to do', async () => {
  const command = { program: '/no/such/program', environment: {}, folder: '/' };
  await expect(createProgramVersions().detect(createHostPlacement(), command)).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('install it'),
  });
});

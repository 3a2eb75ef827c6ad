import { expect, test } from 'vitest';
import { findNpm } from './install.mjs';

test('takes the npm that started us', () => {
  expect(findNpm('/opt/npm/bin/npm-cli.js', 'linux')).toEqual({
    command: process.execPath,
    args: ['/opt/npm/bin/npm-cli.js'],
    shell: false,
  });
});

test.each([undefined, '/opt/pnpm/bin/pnpm.cjs', '/opt/yarn/bin/yarn.js'])(
  'takes npm from the PATH for %s',
  (execPath) => {
    expect(findNpm(execPath, 'darwin')).toEqual({ command: 'npm', args: [], shell: false });
  },
);

test('starts the command file of Windows in a shell', () => {
  expect(findNpm(undefined, 'win32')).toEqual({ command: 'npm.cmd', args: [], shell: true });
});

import { expect, test } from 'vitest';
import { dataFolderOf, dataFoldersOf, type System } from './data-folder.ts';

const CASES: readonly (readonly [string, System['environment'], string, readonly string[]])[] = [
  ['win32', { APPDATA: 'D:\\Roaming' }, 'C:\\Users\\a', ['D:\\Roaming\\puffo\\puffo-cli\\data']],
  ['win32', {}, 'C:\\Users\\a', ['C:\\Users\\a\\AppData\\Roaming\\puffo\\puffo-cli\\data']],
  ['win32', { APPDATA: '' }, 'C:\\Users\\a', ['C:\\Users\\a\\AppData\\Roaming\\puffo\\puffo-cli\\data']],
  ['darwin', { XDG_DATA_HOME: '/x' }, '/Users/a', ['/Users/a/Library/Application Support/ai.puffo.puffo-cli']],
  ['linux', {}, '/home/a', ['/home/a/.local/share/puffo/puffo-cli', '/home/a/.local/share/puffo-cli']],
  ['linux', { XDG_DATA_HOME: '/x' }, '/home/a', ['/x/puffo/puffo-cli', '/x/puffo-cli']],
  ['linux', { XDG_DATA_HOME: '' }, '/h', ['/h/.local/share/puffo/puffo-cli', '/h/.local/share/puffo-cli']],
  ['linux', { XDG_DATA_HOME: 'relative' }, '/h', ['/h/.local/share/puffo/puffo-cli', '/h/.local/share/puffo-cli']],
  ['freebsd', {}, '/home/a', ['/home/a/.local/share/puffo/puffo-cli', '/home/a/.local/share/puffo-cli']],
];

test.each(CASES)('on %s with %o and home %s, data is in %o', (platform, environment, homeFolder, folders) => {
  const system = { platform, environment, homeFolder };
  expect(dataFoldersOf(system)).toEqual(folders);
  expect(dataFolderOf(system)).toBe(folders[0]);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { numbered, toFileName } from './file-name.ts';

test.each([
  ['plan.pdf', 'plan.pdf'],
  ['../../etc/passwd', 'passwd'],
  ['C:\\Users\\a\\x.txt', 'x.txt'],
  ['..', 'file'],
  ['', 'file'],
  ['.bashrc', 'bashrc'],
  ['a\u0000b\nc.txt', 'a_b c.txt'],
  ['nul.txt', '_nul.txt'],
  ['COM1', '_COM1'],
  ['photo\u202egpj.exe', 'photogpj.exe'],
  ['a?b*c|d', 'a_b_c_d'],
  ['name. . ', 'name'],
  ['你好.txt', '你好.txt'],
])('a file called %j is saved as %s', (filename, name) => {
  expect(toFileName(filename)).toBe(name);
});

test('whatever it was called, the name stays in its folder and fits on any disk', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (filename) => {
      const name = toFileName(filename);
      expect(name).not.toMatch(/[/\\]|^\.|^$/);
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(121);
    }),
  );
});

test('a second one of a name gets a number before its extension', () => {
  expect(numbered('plan.pdf', 1)).toBe('plan.pdf');
  expect(numbered('plan.pdf', 2)).toBe('plan (2).pdf');
  expect(numbered('README', 3)).toBe('README (3)');
});

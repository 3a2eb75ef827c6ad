import { expect, test } from 'vitest';
import { type ClosableFile, createIdleFiles } from './idle-files.ts';

function createFile(name: string, closed: string[]): ClosableFile {
  return { closeIfIdle: () => void closed.push(name) };
}

test('as many files stay open as may, and then the one that was used longest ago is closed', () => {
  const closed: string[] = [];
  const idle = createIdleFiles({ max: 2 });
  const [first, second, third, fourth] = ['first', 'second', 'third', 'fourth'].map((name) => createFile(name, closed));
  if (!first || !second || !third || !fourth) throw new Error('four were made');
  idle.add(first);
  idle.add(second);
  expect(closed).toEqual([]);
  idle.remove(first);
  idle.add(first);
  idle.add(third);
  expect(closed).toEqual(['second']);
  idle.add(fourth);
  expect(closed).toEqual(['second', 'first']);
});

test('a file that is used does not count', () => {
  const closed: string[] = [];
  const idle = createIdleFiles({ max: 1 });
  const used = createFile('used', closed);
  idle.add(used);
  idle.remove(used);
  idle.add(createFile('other', closed));
  expect(closed).toEqual([]);
});

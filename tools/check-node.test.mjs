import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import checkNode from './check-node.cjs';
import { ROOT } from './repository.mjs';

const { findNodeProblem } = checkNode;

describe('findNodeProblem', () => {
  test.each(['20.19.0', '20.19.1', '20.20.0', '21.0.0', '22.1.0', '100.0.0'])('accepts %s for >=20.19.0', (found) => {
    expect(findNodeProblem(found, '>=20.19.0')).toBeUndefined();
  });

  test.each(['20.18.9', '20.2.0', '18.20.8', '9.11.2', '0.12.18'])('refuses %s for >=20.19.0', (found) => {
    expect(findNodeProblem(found, '>=20.19.0')).toMatch(/^Puffo needs Node\.js 20\.19\.0 or newer, but this is /);
  });

  test('says in one line what was found and what to do', () => {
    const problem = findNodeProblem('18.0.0', '>=20.19.0');
    expect(problem).toContain('this is 18.0.0: install');
    expect(problem).not.toContain('\n');
  });
});

describe('the scripts that an old Node has to parse', () => {
  test.each(['check-node.cjs', 'launch.cjs', 'start.cjs', 'test.cjs'])('%s has no syntax of after 2009', (name) => {
    const code = readFileSync(join(ROOT, 'tools', name), 'utf8').replace(/\/\/.*|'[^'\n]*'/g, '');
    expect(code).not.toMatch(/=>|`|\?\.|\?\?|\.\.\.|\b(let|const|class|async|await|import|export)\b(?!s)/);
  });
});

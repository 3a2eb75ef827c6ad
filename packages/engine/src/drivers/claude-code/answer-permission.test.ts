import type { JsonObject } from '@puffo/base';
import { expect, test } from 'vitest';
import type { PermissionDecision } from '../../spec/permission.ts';
import { answerPermission, createPermissionMemory } from './answer-permission.ts';

const RULE = { type: 'addRules', rules: [{ toolName: 'Bash', ruleContent: 'ls' }], behavior: 'allow' };
const REQUEST: JsonObject = {
  subtype: 'can_use_tool',
  tool_name: 'Bash',
  input: { command: 'ls' },
  description: 'Lists',
  permission_suggestions: [
    { ...RULE, destination: 'localSettings' },
    { type: 'addDirectories', directories: ['/'], destination: 'session' },
    { type: 'setMode', mode: 'acceptEdits', destination: 'session' },
  ],
};

function answer(request: JsonObject, decision: PermissionDecision | undefined, memory = createPermissionMemory()) {
  const signal = new AbortController().signal;
  const askPermission = decision === undefined ? undefined : () => Promise.resolve(decision);
  return answerPermission(request, { requestId: 'r', askPermission, memory, signal });
}

test('what is allowed once runs with the arguments that were shown, and leaves no rule', async () => {
  expect(await answer(REQUEST, { kind: 'allow', scope: 'once' })).toEqual({
    behavior: 'allow',
    updatedInput: { command: 'ls' },
  });
});

test('what is allowed for the session adds the rule for it, for the session only, and opens nothing else', async () => {
  expect(await answer(REQUEST, { kind: 'allow', scope: 'session' })).toEqual({
    behavior: 'allow',
    updatedInput: { command: 'ls' },
    updatedPermissions: [{ ...RULE, destination: 'session' }],
  });
});

test('what was allowed for the session is not asked again, and what differs is', async () => {
  const memory = createPermissionMemory();
  await answer(REQUEST, { kind: 'allow', scope: 'session' }, memory);
  const no = { kind: 'deny', message: 'No' } as const;
  expect(await answer(REQUEST, no, memory)).toMatchObject({ behavior: 'allow' });
  expect(await answer({ ...REQUEST, input: { command: 'ls /' } }, no, memory)).toEqual({
    behavior: 'deny',
    message: 'No',
  });
});

test.each([
  ['nobody can be asked', REQUEST, undefined],
  ['the request names no tool', { input: {} }, { kind: 'allow', scope: 'once' }],
] as const)('it is no when %s', async (_, request, decision) => {
  expect(await answer(request, decision)).toMatchObject({ behavior: 'deny', message: expect.stringMatching(/./) });
});

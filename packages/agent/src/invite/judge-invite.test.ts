import { seededRandom } from '@puffo/base';
import { generateSigningKey, importVerifyKey, verifyKeyBytes } from '@puffo/protocol';
import { expect, it } from 'vitest';
import { type InviteKeys, judgeInvite } from './judge-invite.ts';

const operator = generateSigningKey(seededRandom(1)).verifyKey;
const stranger = generateSigningKey(seededRandom(2)).verifyKey;

it.each<[string, InviteKeys, 'accept' | 'ask']>([
  ['of the operator is accepted', { inviterRoot: operator, operatorKey: operator }, 'accept'],
  [
    'of the operator is accepted wherever its key was read',
    { inviterRoot: importVerifyKey(verifyKeyBytes(operator)), operatorKey: operator },
    'accept',
  ],
  ['of somebody else is asked about', { inviterRoot: stranger, operatorKey: operator }, 'ask'],
  ['of somebody without a proven key is asked about', { inviterRoot: undefined, operatorKey: operator }, 'ask'],
  ['to an agent without an operator is asked about', { inviterRoot: operator, operatorKey: null }, 'ask'],
  ['to an agent whose operator is not known is asked about', { inviterRoot: operator, operatorKey: undefined }, 'ask'],
  ['between two unknowns is asked about', { inviterRoot: undefined, operatorKey: undefined }, 'ask'],
])('an invite %s', (_what, keys, expected) => {
  expect(judgeInvite(keys)).toBe(expected);
});

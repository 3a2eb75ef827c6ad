import { expect, test } from 'vitest';
import { buildProgramEnvironment, secretsOf } from './program-environment.ts';

test('a program gets what it needs to run, its own home, and what is added', () => {
  const inherited = { PATH: '/bin', LC_ALL: 'C', http_proxy: 'http://p', HOME: '/home/ada', TERM: undefined };
  expect(buildProgramEnvironment(inherited, { home: '/agents/bot', added: { ANTHROPIC_API_KEY: 'k' } })).toEqual({
    PATH: '/bin',
    LC_ALL: 'C',
    http_proxy: 'http://p',
    HOME: '/agents/bot',
    USERPROFILE: '/agents/bot',
    ANTHROPIC_API_KEY: 'k',
  });
});

test.each([
  'ANTHROPIC_API_KEY',
  'ANTHROPIC_AUTH_TOKEN',
  'ANTHROPIC_MODEL',
  'CLAUDECODE',
  'CLAUDE_CODE_OAUTH_TOKEN',
  'CLAUDE_CODE_ENTRYPOINT',
  'OPENAI_API_KEY',
  'GEMINI_API_KEY',
  'PUFFO_HOME',
  'SSH_AUTH_SOCK',
  'AWS_SECRET_ACCESS_KEY',
  'IS_SANDBOX',
  'NODE_OPTIONS',
])('a program does not inherit %s', (name) => {
  const environment = buildProgramEnvironment({ [name]: 'x', PATH: '/bin' }, { home: '/h' });
  expect(Object.keys(environment).toSorted()).toEqual(['HOME', 'PATH', 'USERPROFILE']);
});

test('what looks like a secret is one, and what is too short is none', () => {
  const environment = {
    ANTHROPIC_API_KEY: 'sk-12345678',
    PUFFO_TOOL_TOKEN: 'abcdefgh',
    SHORT_KEY: 'x',
    PATH: '/bin/very/long',
  };
  expect(secretsOf(environment)).toEqual(['sk-12345678', 'abcdefgh']);
});

import { describe, expect, it } from 'vitest';
import { checkChosenRuntime, checkRuntime, migrateKind } from './check-runtime.ts';

describe('checkRuntime', () => {
  it.each(['chat-local', 'sdk-local', 'cli-local', 'cli-docker'])(
    'takes %s with everything else by default',
    (kind) => {
      expect(checkRuntime({ kind, provider: '', harness: '' })).toMatchObject({ kind: 'usable', runtimeKind: kind });
    },
  );

  it.each([
    [
      'a reserved kind before everything else',
      'cli-sandbox',
      'nobody',
      'nothing',
      "runtime kind 'cli-sandbox' is reserved for a later release and not implemented",
    ],
    [
      'an unknown kind, with the valid ones sorted',
      'foo',
      'nobody',
      'nothing',
      "unknown runtime kind 'foo'; valid kinds: chat-local, cli-docker, cli-local, sdk-local",
    ],
    [
      'a kind of a later version as unknown',
      'ws-local',
      '',
      '',
      "unknown runtime kind 'ws-local'; valid kinds: chat-local, cli-docker, cli-local, sdk-local",
    ],
    [
      'an unknown provider before the harness',
      'cli-local',
      'nobody',
      'nothing',
      "unknown provider 'nobody'; valid providers: anthropic, google, openai",
    ],
    [
      'an unknown provider of a kind without harness',
      'chat-local',
      'nobody',
      '',
      "unknown provider 'nobody'; valid providers: anthropic, google, openai",
    ],
    [
      'an unknown harness',
      'cli-docker',
      'google',
      'nothing',
      "unknown harness 'nothing'; valid harnesses: claude-code, codex, gemini-cli, hermes",
    ],
    [
      'a provider that the harness cannot use',
      'cli-local',
      'google',
      'claude-code',
      "harness 'claude-code' cannot use provider 'google'; it supports: anthropic",
    ],
    [
      'gemini-cli with anthropic',
      'cli-docker',
      'anthropic',
      'gemini-cli',
      "harness 'gemini-cli' cannot use provider 'anthropic'; it supports: google",
    ],
    [
      'hermes with google',
      'cli-docker',
      'google',
      'hermes',
      "harness 'hermes' cannot use provider 'google'; it supports: anthropic, openai",
    ],
    [
      'codex with anthropic',
      'cli-local',
      'anthropic',
      'codex',
      "harness 'codex' cannot use provider 'anthropic'; it supports: openai",
    ],
  ])('refuses %s', (_name, kind, provider, harness, reason) => {
    expect(checkRuntime({ kind, provider, harness })).toEqual({ kind: 'refused', reason });
  });

  it.each([
    ['chat-local', 'google', 'whatever'],
    ['sdk-local', 'openai', 'whatever'],
    ['cli-local', 'openai', 'codex'],
    ['cli-local', 'openai', 'hermes'],
    ['cli-docker', 'google', 'gemini-cli'],
    ['cli-docker', 'google', ''],
    ['cli-docker', '', 'hermes'],
  ])('takes %s with provider %s and harness %s', (kind, provider, harness) => {
    expect(checkRuntime({ kind, provider, harness }).kind).toBe('usable');
  });
});

describe('checkChosenRuntime', () => {
  it('refuses sdk-local with another provider than anthropic, which files may still say', () => {
    expect(checkChosenRuntime({ kind: 'sdk-local', provider: 'openai', harness: '' })).toEqual({
      kind: 'refused',
      reason: "runtime kind 'sdk-local' cannot use provider 'openai'; it supports: anthropic",
    });
    expect(checkChosenRuntime({ kind: 'sdk-local', provider: 'anthropic', harness: '' }).kind).toBe('usable');
  });
});

describe('migrateKind', () => {
  it.each([
    ['chat-only', 'chat-local'],
    ['sdk', 'sdk-local'],
    ['cli-local', 'cli-local'],
    ['banana', 'banana'],
  ])('reads %s as %s', (old, current) => {
    expect(migrateKind(old)).toBe(current);
  });
});

import { readFileSync } from 'node:fs';
import type { EnvelopeId, Slug } from '@puffo/protocol';
import { describe, expect, it } from 'vitest';
import { SILENT_MARKER } from '../reply/select-reply.ts';
import { CONTEXT_HEADING, MESSAGE_KEYS, SYSTEM_NOTICE_PREFIX, TURN_HEADING } from '../turn/message-block.ts';
import { renderTurn } from '../turn/render-turn.ts';
import { PRIMER_MARKER, type PrimerOptions, primerText } from './primer.ts';
import { SKILLS, skillText } from './skills.ts';

const TOOLS_SPEC = readFileSync(new URL('../../../../docs/spec/mcp-tools.md', import.meta.url), 'utf8');
/** The name of a tool has an underscore; those of keys and parameters too. */
const UNDERSCORED = /`([a-z]+(?:_[a-z]+)+)[`(]/g;
const NO_TOOLS: readonly string[] = [...MESSAGE_KEYS, 'root_id', 'roots_only', 'new_session', 'unknown_outcome'];

const WITH_TOOLS: PrimerOptions = { tools: true };
const EVERYTHING: PrimerOptions = {
  tools: true,
  asksPermission: true,
  skills: true,
  ownPromptFile: 'CLAUDE.md',
  memoryPath: '../memory',
  sharedPath: '/workspace/.shared',
};
const BY_TEXT: PrimerOptions = { tools: false };

function toolsIn(text: string): readonly string[] {
  return Array.from(text.matchAll(UNDERSCORED), ([, name]) => name ?? '').filter((name) => !NO_TOOLS.includes(name));
}

describe.each([
  ['with tools', WITH_TOOLS, 4700],
  ['with everything', EVERYTHING, 5200],
  ['for engines that speak by text', BY_TEXT, 3200],
])('the primer %s', (_what, options, maxCharacters) => {
  const text = primerText(options);

  it('begins with the line by which copies are recognised', () => {
    expect(text.split('\n')[0]).toBe('# Puffo.ai platform primer');
    expect(PRIMER_MARKER).toBe('# Puffo.ai platform primer');
  });

  it('explains every key of a message, and how one looks', () => {
    for (const key of MESSAGE_KEYS) expect(text).toContain(`\n- \`${key}\`: `);
    for (const sign of [SYSTEM_NOTICE_PREFIX, CONTEXT_HEADING, TURN_HEADING, SILENT_MARKER, '`<<<CODE`', '`CODE>>>`']) {
      expect(text).toContain(sign);
    }
  });

  it('is short, because it is paid for with every turn', () => {
    expect(text.length).toBeLessThan(maxCharacters);
    expect(text.endsWith('.\n')).toBe(true);
    expect(text).not.toMatch(/\n\n\n|undefined/);
  });
});

it('explains all keys that a turn can show', () => {
  const id = 'msg_1' as EnvelopeId;
  const slug = 'a-1' as Slug;
  const conversation = { kind: 'channel', spaceId: 'sp_1', channelId: 'ch_1' } as never;
  const message = {
    envelopeId: id,
    seq: 1,
    conversation,
    threadRootId: null,
    senderSlug: slug,
    text: '@a-1',
    sentAt: 1,
  };
  const turn = renderTurn({
    messages: [
      {
        message: { ...message, senderType: 'agent', isFromOperator: true },
        spaceName: 'S',
        senderOwner: slug,
        attachments: ['x'],
      },
    ],
    context: [],
    omitted: 0,
    ownSlug: slug,
    token: 'abcdefgh',
  });
  const keys = Array.from(turn.matchAll(/^- (\w+):/gm), ([, key]) => key);
  expect(keys).toEqual([...MESSAGE_KEYS]);
  for (const key of keys) expect(primerText(BY_TEXT)).toContain(`- \`${key}\`: `);
});

it('says nothing of tools to an engine that has none', () => {
  expect(toolsIn(primerText(BY_TEXT))).toEqual([]);
  expect(primerText(BY_TEXT)).not.toMatch(/workspace|mcp/i);
});

it('says what only some engines have only to those', () => {
  const plain = primerText(WITH_TOOLS);
  for (const only of ['## Permissions', 'skills', 'CLAUDE.md', '../memory', '/workspace/.shared']) {
    expect(plain).not.toContain(only);
    expect(primerText(EVERYTHING)).toContain(only);
  }
});

it('names no tool that the specification does not have, and those that speak', () => {
  const named = [primerText(EVERYTHING), ...SKILLS.map(skillText)].flatMap(toolsIn);
  for (const tool of named) expect(TOOLS_SPEC).toContain(`\`${tool}\``);
  expect(named).toContain('send_message');
  expect(named).toContain('upload_file');
});

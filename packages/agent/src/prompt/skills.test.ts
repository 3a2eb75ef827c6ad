import { describe, expect, it } from 'vitest';
import { SKILLS, skillText } from './skills.ts';

it('are the ten of the shared folder', () => {
  expect(SKILLS.map(({ name }) => name)).toEqual([
    'attachments',
    'channel-history',
    'channel-members',
    'fetch-channel-files',
    'get-post',
    'get-user-info',
    'permissions',
    'reload-system-prompt',
    'send-message',
    'upload-file',
  ]);
});

describe.each(SKILLS.map((skill) => [skill.name, skill] as const))('the skill %s', (name, skill) => {
  it('has one sentence as its description, which YAML reads as plain text', () => {
    expect(skill.description).toMatch(/^[A-Z][^:#\n.]{20,110}\.$/);
  });

  it('is a text with front matter and a title', () => {
    expect(skillText(skill)).toMatch(
      new RegExp(`^---\\nname: ${name}\\ndescription: .+\\.\\n---\\n\\n# [A-Z].+\\n\\n`),
    );
    expect(skillText(skill)).toMatch(/[^\n]\n$/);
    expect(skillText(skill).length).toBeLessThan(2000);
  });
});

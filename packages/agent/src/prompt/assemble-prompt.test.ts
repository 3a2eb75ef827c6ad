import { expect, it } from 'vitest';
import { assemblePrompt } from './assemble-prompt.ts';

it('has primer, role and memory in this order', () => {
  const text = assemblePrompt({
    primer: '# Puffo.ai platform primer\n\nHello.\n\n',
    profile: '\nYou help.\n',
    memory: [
      { fileName: 'b.md', text: 'second ' },
      { fileName: 'README.md', text: 'for people' },
      { fileName: 'a.md', text: '\nfirst' },
      { fileName: 'empty.md', text: ' \n' },
      { fileName: 'note.txt', text: 'no note' },
    ],
  });
  expect(text).toBe(
    [
      '# Puffo.ai platform primer\n\nHello.',
      '---\n\n# Your role\n\nYou help.',
      '---\n\n# Your memory\n\n### a\n\nfirst\n\n### b\n\nsecond\n',
    ].join('\n\n'),
  );
});

it('leaves out what is empty', () => {
  expect(assemblePrompt({ primer: 'P', profile: ' ', memory: [] })).toBe('P\n');
});

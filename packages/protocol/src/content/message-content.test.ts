import { readFileSync } from 'node:fs';
import type { JsonValue } from '@puffo/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITS } from '../limits.ts';
import { readAttachmentMeta } from './attachment-meta.ts';
import {
  ATTACHMENTS_CONTENT_TYPE,
  attachmentsContent,
  readMessageContent,
  TEXT_CONTENT_TYPE,
} from './message-content.ts';

interface EnvelopeVectors {
  readonly vectors: readonly {
    readonly name: string;
    readonly expected: { readonly payload: { readonly content_type: string; readonly content: JsonValue } };
  }[];
}
const ENVELOPES: EnvelopeVectors = JSON.parse(
  readFileSync(new URL('../../../../vectors/envelopes.json', import.meta.url), 'utf8'),
);

const file = {
  blob_id: 'blob_526229fe-f8ad-4bd2-b7da-7f6bd24af678',
  filename: 'notes.txt',
  mime_type: 'text/plain',
  size: 18,
  key: 'A'.repeat(43),
  nonce: 'A'.repeat(16),
};
const meta = readAttachmentMeta(file)!;

function vector(name: string) {
  const { content_type, content } = ENVELOPES.vectors.find((candidate) => candidate.name === name)!.expected.payload;
  return { content, read: readMessageContent(content_type, content) };
}

describe('readMessageContent', () => {
  it('reads text', () => {
    expect(readMessageContent(TEXT_CONTENT_TYPE, 'Hello')).toEqual({ kind: 'text', text: 'Hello' });
    expect(vector('empty-text').read).toEqual({ kind: 'text', text: '' });
  });

  it('reads text with files', () => {
    const { read } = vector('dm-attachments');
    expect(read).toMatchObject({ kind: 'attachments', text: 'two files', unreadable: 0 });
    expect(read.kind === 'attachments' && read.attachments.map(({ filename }) => filename)).toEqual([
      'notes.txt',
      '图像 🖼.png',
    ]);
  });

  it('reads a type that it does not know as its JSON text', () => {
    const { read, content } = vector('channel-structured-content');
    expect(read).toEqual({ kind: 'other', contentType: 'application/json', text: JSON.stringify(content) });
  });

  it.each([
    ['null', null, ''],
    ['false', false, ''],
    ['zero', 0, ''],
    ['an empty list', [], ''],
    ['an empty object', {}, ''],
    ['a number', 7, '7'],
    ['true', true, 'true'],
    ['a list', [1, 'a'], '[1,"a"]'],
    ['text', 'reaction', 'reaction'],
  ])('reads %s of an unknown type', (_name, content, text) => {
    expect(readMessageContent('later/type', content)).toEqual({ kind: 'other', contentType: 'later/type', text });
    expect(readMessageContent(TEXT_CONTENT_TYPE, content)).toEqual({ kind: 'text', text });
  });

  it.each([
    ['no list', { text: 'x' }, { attachments: [], unreadable: 0 }],
    ['null for a list', { text: 'x', attachments: null }, { attachments: [], unreadable: 0 }],
    ['something else for a list', { text: 'x', attachments: 'file' }, { attachments: [], unreadable: 1 }],
    ['broken files', { text: 'x', attachments: [{}, file, null] }, { attachments: [meta], unreadable: 2 }],
  ])('reads files with %s', (_name, content, expected) => {
    expect(readMessageContent(ATTACHMENTS_CONTENT_TYPE, content)).toEqual({
      kind: 'attachments',
      text: 'x',
      ...expected,
    });
  });

  it.each([
    ['no text', {}, ''],
    ['null for text', { text: null }, ''],
    ['an object for text', { text: { a: 1 } }, '{"a":1}'],
  ])('reads files with %s', (_name, content, text) => {
    expect(readMessageContent(ATTACHMENTS_CONTENT_TYPE, content)).toMatchObject({ kind: 'attachments', text });
  });

  it('reads as many files as a message may have, and counts the others', () => {
    const attachments = Array.from({ length: LIMITS.filesPerMessage + 5 }, () => file);
    const read = readMessageContent(ATTACHMENTS_CONTENT_TYPE, { text: '', attachments });
    expect(read).toMatchObject({ unreadable: 5 });
    expect(read.kind === 'attachments' && read.attachments).toHaveLength(LIMITS.filesPerMessage);
  });

  it('reads the type of files with content that is none as something else', () => {
    expect(readMessageContent(ATTACHMENTS_CONTENT_TYPE, 'plain')).toEqual({
      kind: 'other',
      contentType: ATTACHMENTS_CONTENT_TYPE,
      text: 'plain',
    });
  });

  it('reads any JSON of any type', () => {
    const contentType = fc.constantFrom(TEXT_CONTENT_TYPE, ATTACHMENTS_CONTENT_TYPE, 'later/type');
    const listed = fc.record({
      text: fc.jsonValue(),
      attachments: fc.array(fc.oneof(fc.jsonValue(), fc.constant(file))),
    });
    fc.assert(
      fc.property(contentType, fc.oneof(fc.jsonValue(), listed), (type, content) => {
        expect(typeof readMessageContent(type, content as JsonValue).text).toBe('string');
      }),
    );
  });

  it('refuses content that is nested without end', () => {
    let deep: JsonValue = 1;
    for (let depth = 0; depth < 200_000; depth++) deep = [deep];
    expect(() => readMessageContent('later/type', deep)).toThrow(expect.objectContaining({ code: 'json_too_deep' }));
  });
});

describe('attachmentsContent', () => {
  it('writes the form that 0.7.2 reads', () => {
    expect(attachmentsContent({ text: 'a file', attachments: [meta] })).toEqual({
      text: 'a file',
      attachments: [file],
    });
  });

  it('refuses more files than a message may have', () => {
    const attachments = Array.from({ length: LIMITS.filesPerMessage + 1 }, () => meta);
    expect(() => attachmentsContent({ text: '', attachments })).toThrow(
      'Cannot write attachments: there are 11, at most 10 fit',
    );
  });

  it('refuses a file that readers would skip', () => {
    expect(() => attachmentsContent({ text: '', attachments: [{ ...meta, key: 'short' }] })).toThrow(
      expect.objectContaining({ code: 'attachment_invalid', field: 'key' }),
    );
  });
});

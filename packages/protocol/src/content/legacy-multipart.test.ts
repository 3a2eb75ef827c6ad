import { expect, test } from 'vitest';
import { restoreLegacyAttachment, unwrapLegacyMultipart } from './legacy-multipart.ts';

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));
const FORM = bytes('--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nthe file\r\n--b--\r\n');
const MAIL = bytes('--sig\r\nContent-Type: text/plain\r\n\r\na genuine file\r\n--sig--\r\n');

test('the file of an old sender is taken out of its form', () => {
  expect(restoreLegacyAttachment(FORM, 8)).toEqual(bytes('the file'));
});

test('a file that has the size its message names is never touched', () => {
  expect(restoreLegacyAttachment(FORM, FORM.length)).toBe(FORM);
});

test('a file that merely looks like multipart survives, where the bare rule would cut it', () => {
  expect(restoreLegacyAttachment(MAIL, 5)).toBe(MAIL);
  expect(unwrapLegacyMultipart(MAIL)).toEqual(bytes('a genuine file'));
});

test('a boundary that overlaps itself is found as it stands', () => {
  const body = bytes('----a\r\nX: y\r\n\r\none--two---three\r\n----a--');
  expect(unwrapLegacyMultipart(body)).toEqual(bytes('one--two---three'));
});

// The values that requests, answers, frames and event payloads are made of. The error text of each schema says what was
// expected; `parse-schema.ts` adds the member's path and what was found instead. spec: wire-protocol 1
import { decodeBase64url, isJsonObject, type JsonObject } from '@puffo/base';
import * as z from 'zod';
import {
  isBlobId,
  isChannelId,
  isDeviceId,
  isEnvelopeId,
  isEventId,
  isRunId,
  isSessionId,
  isSlug,
  isSpaceId,
  isSubkeyId,
  isUsername,
} from '../ids.ts';
import { LIMITS } from '../limits.ts';

const ASCII = /^[\x20-\x7e]*$/;

export const slugField = publicField(isSlug, 'a slug (lowercase letters, digits and dashes)');
export const deviceIdField = publicField(isDeviceId, 'dev_ and 43 base64url characters');
export const subkeyIdField = publicField(isSubkeyId, 'sk_ and 43 base64url characters');
export const envelopeIdField = publicField(isEnvelopeId, 'msg_ and a lowercase UUIDv4');
export const eventIdField = publicField(isEventId, 'ev_ and a lowercase UUIDv4');
export const spaceIdField = publicField(isSpaceId, 'sp_ and a lowercase UUIDv4');
export const channelIdField = publicField(isChannelId, 'ch_ and a lowercase UUIDv4');
export const runIdField = publicField(isRunId, 'run_ and 32 lowercase hexadecimal digits');
export const sessionIdField = publicField(isSessionId, '1 to 128 characters of A-Z a-z 0-9 _ -');
/** Not quoted in errors: whoever knows the id of a blob may read it. */
export const blobIdField = checkedField(isBlobId, 'one path segment of up to 128 unreserved characters');

/** Milliseconds since the epoch. spec: wire-protocol 1.3 */
export const timeField = publicField(isCount, 'whole milliseconds from 0 to 2^53 - 1');
/** A position in a log. */
export const seqField = publicField(isPositive, 'a whole number above 0');
export const countField = publicField(isCount, 'a whole number from 0 to 2^53 - 1');

export const publicKeyField = base64urlField(32);
export const signatureField = base64urlField(64);
/** Names a request or a connect frame. spec: wire-protocol 1.4 */
export const requestNonceField = base64urlField(16);
/** In event payloads, attestations and enrolments. spec: wire-protocol 1.4 */
export const longNonceField = base64urlField(32);

/** Tokens, codes and cursors. They may be bearer secrets, so errors never quote them. */
export const opaqueField = checkedField(isOpaque, `a string of 1 to ${LIMITS.opaqueIdCharacters} characters`);
export const nameField = textField(LIMITS.nameCharacters, { minCharacters: 1 });
/** Empty clears it. spec: wire-protocol 9.12 */
export const avatarUrlField = textField(LIMITS.avatarUrlCharacters);

/** The name a person asks for, in any case; read as lowercase. spec: wire-protocol 1.2 */
export const usernameField = checkedField(isAnyCaseUsername, 'up to 58 letters, digits and dashes').transform((name) =>
  name.toLowerCase(),
);

/** Error texts are cut and not refused: a long one must not lose the state it explains. spec: wire-protocol 11.4 */
export const errorTextField = z.string().transform((text) => cutText(text, LIMITS.errorTextCharacters));

/**
 * A certificate, envelope or event, or what the specification leaves open: the very object that was parsed, because
 * other code verifies it member for member.
 */
export const jsonObjectField = z.custom<JsonObject>(isJsonObject, { error: 'an object' });

/** Binary data of exactly `bytes` bytes, kept as text. Not quoted in errors: some of it is key material. */
export function base64urlField(bytes: number): z.ZodCustom<string, string> {
  const characters = Math.ceil((bytes * 4) / 3);
  function isExact(value: unknown): value is string {
    return typeof value === 'string' && value.length === characters && decodeBase64url(value) !== undefined;
  }
  return checkedField(isExact, `${bytes} bytes in base64url (${characters} characters)`);
}

export interface TextOptions {
  readonly minCharacters?: number;
}

/** Text for people. A character is a Unicode code point, as the reference counts. */
export function textField(maxCharacters: number, { minCharacters = 0 }: TextOptions = {}): z.ZodCustom<string, string> {
  function isText(value: unknown): value is string {
    return typeof value === 'string' && value.length >= minCharacters && hasAtMost(value, maxCharacters);
  }
  return checkedField(isText, `a string of ${minCharacters} to ${maxCharacters} characters`);
}

/** An array whose length is checked before its items: one report for a million wrong items. */
export function listField<Item extends z.ZodType>(item: Item, maxItems: number) {
  return z
    .array(z.unknown())
    .max(maxItems, { error: `at most ${maxItems} items` })
    .pipe(z.array(item));
}

/** A value that errors do not quote. */
export function checkedField<Value>(isValue: (value: unknown) => value is Value, expected: string) {
  return z.custom<Value>(isValue, { error: expected });
}

/** A value that errors may quote: it is short when it is right, and never secret. */
function publicField<Value>(isValue: (value: unknown) => value is Value, expected: string) {
  return z.custom<Value>(isValue, { error: expected, params: { quotable: true } });
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isPositive(value: unknown): value is number {
  return isCount(value) && value > 0;
}

function isOpaque(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= LIMITS.opaqueIdCharacters;
}

/** ASCII first: lowercasing maps some foreign letters, such as the Kelvin sign, to ASCII ones. */
function isAnyCaseUsername(value: unknown): value is string {
  return typeof value === 'string' && ASCII.test(value) && isUsername(value.toLowerCase());
}

function hasAtMost(text: string, maxCharacters: number): boolean {
  if (text.length <= maxCharacters) return true;
  if (text.length > 2 * maxCharacters) return false;
  return Array.from(text).length <= maxCharacters;
}

function cutText(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text;
  return Array.from(text.slice(0, 2 * maxCharacters))
    .slice(0, maxCharacters)
    .join('');
}

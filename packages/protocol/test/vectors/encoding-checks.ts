import { decodeBase64url, encodeBase64url, safeParseJson } from '@puffo/base';
import {
  assertSignable,
  canonicalize,
  deviceIdOf,
  importVerifyKey,
  restoreLegacyAttachment,
  rootFingerprint,
  rootFingerprintPreimage,
  signingBytes,
  subkeyIdOf,
  unwrapLegacyMultipart,
} from '../../src/index.ts';
import { same, sameBytes, throwsProtocolError } from './checker.ts';
import type { Vector } from './vector.ts';

export function checkBase64url(vector: Vector): void {
  const encoded = vector.text('encoded');
  if (vector.text('kind') === 'strict-decode-must-fail') {
    same(decodeBase64url(encoded), undefined);
    return;
  }
  same(encodeBase64url(vector.hex('bytes_hex')), encoded);
  sameBytes(decodeBase64url(encoded), vector.hex('bytes_hex'));
}

export function checkCanonicalJson(vector: Vector): void {
  const text = canonicalize(parse(vector.text('input_json')));
  same(text, vector.text('canonical_utf8'));
  sameBytes(Buffer.from(text), vector.hex('canonical_hex'));
}

/** Where the reference deviates we follow the RFC, and never sign. */
export function checkCanonicalDeviation(vector: Vector): void {
  const value = parse(vector.text('input_json'));
  same(canonicalize(value), vector.text('rfc8785_utf8'));
  same(
    throwsProtocolError(() => assertSignable(value)),
    'not_signable',
  );
}

export function checkSigningBytes(vector: Vector): void {
  const bytes = signingBytes(vector.record('object').object);
  sameBytes(bytes, vector.hex('signing_bytes_hex'));
  same(Buffer.from(bytes).toString(), vector.text('signing_bytes_utf8'));
}

export function checkKeyId(vector: Vector): void {
  const idOf = vector.text('prefix') === 'dev' ? deviceIdOf : subkeyIdOf;
  same(idOf(vector.base64('public_key')), vector.text('id'));
}

export function checkFingerprint(vector: Vector): void {
  const root = importVerifyKey(vector.base64('root_public_key'));
  sameBytes(rootFingerprintPreimage(root), vector.hex('preimage_hex'));
  same(encodeBase64url(rootFingerprint(root)), vector.text('fingerprint'));
}

export function checkLegacyMultipart(vector: Vector): void {
  const input = vector.hex('input_hex');
  sameBytes(unwrapLegacyMultipart(input), vector.hex('output_hex'));
  // The guarded form never touches a file that has the size its message names.
  sameBytes(restoreLegacyAttachment(input, input.length), input);
}

function parse(text: string) {
  const result = safeParseJson(text, { maxLength: 100_000, maxDepth: 32, integers: 'any' });
  if (result.kind === 'refused') throw new Error(result.problem);
  return result.value;
}

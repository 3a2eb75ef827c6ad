// Every vector, positive and negative, on the build that this project of the test run resolves `#primitives` to.
import { afterAll, describe, expect, test } from 'vitest';
import { primitives } from '#primitives';
import * as certificates from './vectors/certificate-checks.ts';
import { checkCount } from './vectors/checker.ts';
import * as encodings from './vectors/encoding-checks.ts';
import * as envelopes from './vectors/envelope-checks.ts';
import * as cryptography from './vectors/primitive-checks.ts';
import * as requests from './vectors/request-checks.ts';
import { isOwnFolder, listVectorFiles, readVectorFile, type Vector, VECTOR_FOLDER } from './vectors/vector.ts';

type Check = (vector: Vector, file: Vector) => void | Promise<void>;

/** One check per list of vectors; the lists of a file that has several are named `file#list`. */
const CHECKS: Readonly<Record<string, Check>> = {
  'aad.json#attachment': cryptography.checkAttachmentAad,
  'aad.json#outer': cryptography.checkOuterAad,
  'aad.json#root_key_envelope': cryptography.checkRootKeyAad,
  'aad.json#wrap': cryptography.checkWrapAad,
  'attachments.json': cryptography.checkAttachment,
  'base64url.json': encodings.checkBase64url,
  'canonical-json-deviations.json': encodings.checkCanonicalDeviation,
  'canonical-json.json': encodings.checkCanonicalJson,
  'certs-negative.json': certificates.checkNegativeCert,
  'certs.json#certs': certificates.checkCert,
  'certs.json#chains': certificates.checkChain,
  'certs.json#kem_key_lookup': certificates.checkKemKeyLookup,
  'chacha20poly1305.json': cryptography.checkAead,
  'ed25519.json': cryptography.checkEd25519,
  'envelope-rewrap-replay.json': envelopes.checkRewrapReplay,
  'envelopes-negative.json': envelopes.checkNegativeEnvelope,
  'envelopes.json': envelopes.checkEnvelope,
  'flows.json': requests.checkFlow,
  'hpke.json': cryptography.checkHpke,
  'ids.json#key_ids': encodings.checkKeyId,
  'ids.json#root_fingerprints': encodings.checkFingerprint,
  'keys.json': certificates.checkKeys,
  'legacy-multipart.json': encodings.checkLegacyMultipart,
  'operator-key.json': certificates.checkOperatorKey,
  'request-auth-policy.json': (vector, file) => requests.checkRequestPolicy(vector, file.list('directory')),
  'request-signing.json': requests.checkRequestSigning,
  'signed-events.json#events': requests.checkSignedEvent,
  'signed-events.json#replay_entries': requests.checkReplayEntry,
  'signing-bytes.json': encodings.checkSigningBytes,
  'subkey-cert.json': certificates.checkSubkeyCert,
  'ws-connect.json': requests.checkConnect,
};

const fileNames = listVectorFiles();

describe.each(fileNames)('%s', (fileName) => {
  const file = readVectorFile(fileName);
  for (const [key, vectors] of vectorLists(fileName, file)) {
    test.each(vectors.map((vector) => [vector.name, vector] as const))(`${key}: %s`, async (_name, vector) => {
      const check = CHECKS[key];
      if (check === undefined) throw new Error(`Cannot check ${key}: nobody reads it; add it to the table`);
      const before = checkCount();
      await check(vector, file);
      expect(checkCount(), 'a vector was read, but nothing in it was compared').toBeGreaterThan(before);
    });
  }
});

test('every list of vectors that is known has its file', () => {
  const read = fileNames.flatMap((name) => vectorLists(name, readVectorFile(name)).map(([key]) => key));
  if (isOwnFolder) expect(Object.keys(CHECKS).toSorted()).toEqual(read.toSorted());
  else expect(read).not.toEqual([]);
});

afterAll(() => {
  const where = isOwnFolder ? 'vectors/' : VECTOR_FOLDER;
  process.stdout.write(
    `\nvectors: ${checkCount()} checks from ${fileNames.length} files of ${where} on the ${primitives.build} build\n`,
  );
});

function vectorLists(fileName: string, file: Vector): readonly (readonly [string, readonly Vector[]])[] {
  if (Array.isArray(file.any('vectors'))) return [[fileName, file.list('vectors')]];
  const lists = file.record('vectors');
  return Object.keys(lists.object).map((name) => [`${fileName}#${name}`, lists.list(name)] as const);
}

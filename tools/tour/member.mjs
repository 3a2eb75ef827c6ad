// A member of the tour: an identity made on the spot, verified as anybody else would verify it.
import { systemRandom as random } from '@puffo/base';
import {
  generateIdentity,
  generateSigningKey,
  issueOperatorAttestation,
  issueSlugBinding,
  issueSubkeyCert,
  verifyChain,
} from '@puffo/protocol';

/**
 * @param {string} slug
 * @param {ReturnType<typeof createMember>} [operator] makes the member an agent of that one
 */
export function createMember(slug, operator) {
  const issuedAt = Date.now();
  const operatorKey = operator?.rootKey.verifyKey ?? null;
  const { rootKey, deviceId, deviceKey, kemKey, ...certs } = generateIdentity({ operatorKey, issuedAt, random });
  const subkey = generateSigningKey(random);
  const verdict = verifyChain(
    {
      slug,
      ...certs,
      slugBinding: issueSlugBinding(rootKey, { slug, issuedAt }),
      subkeyCert: issueSubkeyCert(deviceKey, { subkey: subkey.verifyKey, issuedAt }),
      operatorAttestation:
        operator && issueOperatorAttestation(operator.rootKey, { agentKey: rootKey.verifyKey, issuedAt, random }),
    },
    { at: issuedAt, pinnedRoot: rootKey.verifyKey.publicKey },
  );
  if (verdict.kind !== 'trusted') throw new Error(`Cannot finish the tour: the identity is ${verdict.kind}`);
  return {
    slug,
    rootKey,
    rootPin: rootKey.verifyKey.publicKey,
    signerChain: verdict.signer,
    signer: { slug, subkeyId: verdict.signer.subkeyId, signingKey: subkey },
    recipient: { deviceId, kemKey: kemKey.kemPublicKey },
    device: { deviceId, kemKey },
  };
}

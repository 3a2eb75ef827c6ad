// Turns a signed request into a caller, or refuses it with 401. spec: wire-protocol 5.6
import { type AuthClass, type ReceivedRequest, verifyRequest } from '@puffo/protocol';
import { ServerError } from '../errors.ts';
import type { Logger } from '@puffo/base';
import type { Caller } from './caller.ts';
import type { FindSigner, FoundSigner } from './find-signer.ts';
import type { createClaimNonce } from './claim-nonce.ts';

export interface RequestGate {
  readonly now: () => number;
  readonly findSigner: FindSigner;
  readonly claimNonce: ReturnType<typeof createClaimNonce>;
  readonly log: Logger;
}

export type AuthenticateRequest = (request: ReceivedRequest, authClass: AuthClass) => Promise<Caller>;

export function createAuthenticateRequest({ now, findSigner, claimNonce, log }: RequestGate): AuthenticateRequest {
  return async (request, authClass) => {
    let found: FoundSigner | undefined;
    const verdict = await verifyRequest(request, {
      now: now(),
      authClass,
      findSigner: async (signerId) => {
        found = await findSigner(signerId);
        return found;
      },
      claimNonce,
    });
    if (verdict.kind === 'refused' || found === undefined) {
      const reason = verdict.kind === 'refused' ? verdict.reason : 'signer_unknown';
      log.info('request-refused', { reason });
      throw unauthorized(reason, now());
    }
    const { slug, deviceId, kind, identityType, rootPublicKey } = found;
    return { slug, deviceId, signerId: verdict.signerId, signerKind: kind, identityType, rootPublicKey };
  };
}

/** Says no more than that it failed, except what helps a clock that is wrong. */
function unauthorized(reason: string, now: number): ServerError {
  if (reason !== 'clock_skew')
    return new ServerError('UNAUTHORIZED', 'The request is not signed by a known, valid key');
  return new ServerError('UNAUTHORIZED', `The request is not signed at a valid time: the server's clock says ${now}`);
}

// What has to be true of the certificates with which somebody registers, before the tables are asked.
// spec: wire-protocol 4.10, 4.11
import type { JsonObject } from '@puffo/base';
import {
  type DeviceCert,
  type IdentityCert,
  type OperatorAttestation,
  type VerifyKey,
  verifyDeviceCert,
  verifyIdentityCert,
  verifyOperatorAttestation,
} from '@puffo/protocol';
import { ServerError } from '../errors.ts';
import { requireValid } from './require-valid.ts';

export interface Registration {
  readonly username: string;
  readonly identity: IdentityCert;
  readonly device: DeviceCert;
  /** Of agents. */
  readonly attestation: OperatorAttestation | undefined;
}

export interface HumanToCheck {
  readonly username: string;
  readonly identity_cert: JsonObject;
  readonly device_cert: JsonObject;
}

export function checkHuman(body: HumanToCheck, now: number): Registration {
  const identity = requireValid(verifyIdentityCert(body.identity_cert));
  if (identity.identityType !== 'human') {
    const message = "Cannot sign up: the certificate is an agent's, and agents are registered by their operator";
    throw new ServerError('INVALID_PAYLOAD', message, { field: 'identity_cert.identity_type' });
  }
  const device = checkDevice(body.device_cert, { rootKey: identity.rootKey, now });
  return { username: body.username, identity, device, attestation: undefined };
}

export interface AgentToCheck extends HumanToCheck {
  readonly attestation: JsonObject;
}

export function checkAgent(
  body: AgentToCheck,
  { operatorKey, now }: { readonly operatorKey: VerifyKey; readonly now: number },
): Registration {
  const identity = requireValid(verifyIdentityCert(body.identity_cert));
  if (identity.operatorKey?.publicKey !== operatorKey.publicKey) {
    const message = 'Cannot register agent: its certificate does not name you as the operator';
    throw new ServerError('INVALID_PAYLOAD', message, { field: 'identity_cert.declared_operator_public_key' });
  }
  const { rootKey } = identity;
  const attestation = requireValid(verifyOperatorAttestation(body.attestation, { operatorKey, agentKey: rootKey }));
  const device = checkDevice(body.device_cert, { rootKey, now });
  return { username: body.username, identity, device, attestation };
}

/** A device certificate that may be registered now. */
export function checkDevice(
  value: unknown,
  { rootKey, now }: { readonly rootKey: VerifyKey; readonly now: number },
): DeviceCert {
  const device = requireValid(verifyDeviceCert(value, { rootKey }));
  if (device.expiresAt === null || device.expiresAt > now) return device;
  throw new ServerError('INVALID_PAYLOAD', 'Cannot register device: its certificate has expired', {
    field: 'device_cert.expires_at',
  });
}

// The end of one device, from a time on. spec: wire-protocol 4.13
import type { JsonObject } from '@puffo/base';
import { type DeviceId, type Slug, verifyDeviceRevocation } from '@puffo/protocol';
import type { Transaction } from 'kysely';
import type { ServerSchema } from '../db/schema.ts';
import { ServerError } from '../errors.ts';
import { dropPending } from '../messages/pending-store.ts';
import { appendCerts, type LoggedCert } from './cert-log.ts';
import { endDevice, findDevice } from './device-store.ts';
import { requireValid } from './require-valid.ts';
import { verifyKeyOf } from './stored-key.ts';

export interface DeviceRevocationRequest {
  readonly deviceId: DeviceId;
  readonly revocation: JsonObject;
  readonly caller: { readonly slug: Slug; readonly rootPublicKey: string };
  readonly now: number;
}

export interface EndedDevice {
  /** Whether it may not act any more now; else it ends later. */
  readonly isOver: boolean;
  /** Empty: the device ended as early before. */
  readonly logged: readonly LoggedCert[];
}

export async function revokeDeviceOf(
  transaction: Transaction<ServerSchema>,
  { deviceId, revocation, caller, now }: DeviceRevocationRequest,
): Promise<EndedDevice> {
  const device = await findDevice(transaction, deviceId);
  if (device === undefined) throw new ServerError('NOT_FOUND', 'Cannot revoke device: it is not known');
  if (device.root_public_key !== caller.rootPublicKey) {
    throw new ServerError('FORBIDDEN', 'Cannot revoke device: it belongs to somebody else');
  }
  const expected = { rootKey: verifyKeyOf(caller.rootPublicKey), deviceId };
  const { effectiveFrom, object } = requireValid(verifyDeviceRevocation(revocation, expected));
  const isOver = effectiveFrom <= now;
  if (!(await endDevice(transaction, { deviceId, from: effectiveFrom }))) return { isOver, logged: [] };
  if (isOver) await dropPending(transaction, { deviceId });
  const entry = { slug: caller.slug, kind: 'device_revocation', cert: object, subjectId: deviceId } as const;
  return { isOver, logged: await appendCerts(transaction, [entry]) };
}

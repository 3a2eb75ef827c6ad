// The devices of the own identity. spec: wire-protocol 4.13, 9.8
import { type DeviceId, issueDeviceRevocation, judgeDevice } from '@puffo/protocol';
import { ClientError } from '../client-error.ts';
import type { ClientContext } from '../context.ts';
import type { Directory } from '../directory/directory.ts';
import type { HttpClient } from '../http/http-client.ts';
import type { Session } from '../session/session.ts';

export interface OwnDevice {
  readonly deviceId: DeviceId;
  readonly isThisDevice: boolean;
  /** Whether it may act and be sent to now. */
  readonly isUsable: boolean;
  /** ms; `null`: never. */
  readonly expiresAt: number | null;
  readonly revokedFrom: number | null;
}

export interface DeviceParts {
  readonly http: HttpClient;
  readonly session: Pick<Session, 'slug' | 'deviceId' | 'keys'>;
  readonly directory: Pick<Directory, 'getPeople'>;
  readonly context: ClientContext;
}

/** Those that ended included. */
export async function listDevices({ session, directory, context }: DeviceParts): Promise<readonly OwnDevice[]> {
  const { people, problems } = await directory.getPeople([session.slug], { isFresh: true });
  const person = people.get(session.slug);
  if (person === undefined) {
    const [problem] = problems;
    throw new ClientError(problem?.message ?? 'Cannot list devices: the server does not know you', {
      code: problem?.code ?? 'unknown-person',
    });
  }
  const now = context.clock();
  return person.devices.map((device) => ({
    deviceId: device.deviceId,
    isThisDevice: device.deviceId === session.deviceId,
    isUsable: judgeDevice(device, now).kind === 'valid',
    expiresAt: device.expiresAt,
    revokedFrom: device.revokedFrom,
  }));
}

/** For ever, also the own one. Whoever holds the root secret can do it. */
export async function revokeDevice(
  { http, session, context }: Omit<DeviceParts, 'directory'>,
  deviceId: DeviceId,
): Promise<void> {
  const now = context.clock();
  const revocation = issueDeviceRevocation(session.keys.rootKey, { deviceId, effectiveFrom: now, issuedAt: now });
  await http.call('revokeDevice', { params: { device_id: deviceId }, body: revocation });
}

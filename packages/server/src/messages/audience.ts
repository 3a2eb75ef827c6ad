// The devices that a message is for, and what a sender's list of recipients makes of them. spec: wire-protocol 6.5, 9.22
import type { DeviceId, RecipientEntry } from '@puffo/protocol';
import { ServerError } from '../errors.ts';

/** A device of somebody in the audience, usable or not. */
export interface AudienceDevice {
  readonly device_id: string;
  readonly expires_at: number | null;
  readonly revoked_from: number | null;
}

export interface Choice {
  /** Places in `recipients` of the devices that get the message. */
  readonly listed: readonly number[];
  /** Usable devices of the audience that the sender did not list. */
  readonly missing: readonly DeviceId[];
}

export function isUsable({ expires_at, revoked_from }: AudienceDevice, now: number): boolean {
  return (expires_at === null || expires_at > now) && (revoked_from === null || revoked_from > now);
}

/**
 * Drops devices that ended and devices of others: a sender may not know yet that somebody left or revoked one, and its
 * message is for the rest all the same. Refused is a list in which nobody is of the audience.
 */
export function chooseRecipients(
  recipients: readonly RecipientEntry[],
  { audience, now }: { readonly audience: readonly AudienceDevice[]; readonly now: number },
): Choice {
  const devices = new Map<string, boolean>();
  for (const device of audience) devices.set(device.device_id, isUsable(device, now));
  const listed: number[] = [];
  let hasKnown = false;
  for (const [index, { deviceId }] of recipients.entries()) {
    const isListable = devices.get(deviceId);
    if (isListable === true) listed.push(index);
    hasKnown ||= isListable !== undefined;
    devices.delete(deviceId);
  }
  if (!hasKnown) throw nobodyKnown();
  const missing: DeviceId[] = [];
  for (const [deviceId, isMissing] of devices) if (isMissing) missing.push(deviceId as DeviceId);
  return { listed, missing };
}

function nobodyKnown(): ServerError {
  const message = 'Cannot send message: none of its recipients is a device of its audience';
  return new ServerError('INVALID_PAYLOAD', message, { field: 'recipients' });
}

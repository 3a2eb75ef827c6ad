// The devices that a message is for, and what a sender's list of recipients makes of them. spec: wire-protocol 6.5, 9.22
import type { DeviceId, RecipientEntry } from '@puffo/protocol';
import { ServerError } from '../errors.ts';

/** The devices of everybody who may read a message. */
export interface Audience {
  readonly usable: readonly DeviceId[];
  /** Expired or revoked. */
  readonly ended: readonly DeviceId[];
}

export interface Choice {
  /** Places in `recipients` of the devices that get the message. */
  readonly listed: readonly number[];
  /** Usable devices of the audience that the sender did not list. */
  readonly missing: readonly DeviceId[];
}

/**
 * Drops devices that ended and devices of others: a sender may not know yet that somebody left or revoked one, and its
 * message is for the rest all the same. Refused is a list in which nobody is of the audience.
 */
export function chooseRecipients(recipients: readonly RecipientEntry[], { usable, ended }: Audience): Choice {
  const devices = new Map<DeviceId, boolean>();
  for (const deviceId of usable) devices.set(deviceId, true);
  for (const deviceId of ended) devices.set(deviceId, false);
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
  for (const [deviceId, isMissing] of devices) if (isMissing) missing.push(deviceId);
  return { listed, missing };
}

function nobodyKnown(): ServerError {
  const message = 'Cannot send message: none of its recipients is a device of its audience';
  return new ServerError('INVALID_PAYLOAD', message, { field: 'recipients' });
}

import type { DeviceId, RecipientEntry } from '@puffo/protocol';
import { describe, expect, test } from 'vitest';
import { chooseRecipients, isUsable } from './audience.ts';

const NOW = 1000;
const [ONE, TWO, FOREIGN] = ['dev_1', 'dev_2', 'dev_9'] as unknown as [DeviceId, DeviceId, DeviceId];

function entry(deviceId: DeviceId): RecipientEntry {
  return { deviceId, hpkeEnc: '', wrappedContentKey: '' };
}

function device(device_id: string, ends: { expires_at?: number; revoked_from?: number } = {}) {
  return { device_id, expires_at: null, revoked_from: null, ...ends };
}

describe('isUsable', () => {
  test.each([
    [{}, true],
    [{ expires_at: NOW + 1 }, true],
    [{ expires_at: NOW }, false],
    [{ revoked_from: NOW + 1 }, true],
    [{ revoked_from: NOW }, false],
    [{ expires_at: NOW + 1, revoked_from: NOW }, false],
  ])('a device with %j: %s', (ends, expected) => {
    expect(isUsable(device(ONE, ends), NOW)).toBe(expected);
  });
});

describe('chooseRecipients', () => {
  test.each([
    ['all are listed', [ONE, TWO], [device(ONE), device(TWO)], { listed: [0, 1], missing: [] }],
    ['one is missing', [TWO], [device(ONE), device(TWO)], { listed: [0], missing: [ONE] }],
    [
      'one that ended is dropped',
      [ONE, TWO],
      [device(ONE, { revoked_from: 1 }), device(TWO)],
      { listed: [1], missing: [] },
    ],
    [
      'one that ended is not missing',
      [TWO],
      [device(ONE, { expires_at: 1 }), device(TWO)],
      { listed: [0], missing: [] },
    ],
    ['nobody is left', [ONE], [device(ONE, { revoked_from: 1 }), device(TWO)], { listed: [], missing: [TWO] }],
  ])('%s', (_what, recipients, audience, expected) => {
    expect(chooseRecipients(recipients.map(entry), { audience, now: NOW })).toEqual(expected);
  });

  test('a device of nobody in the audience is dropped, and refused where it stands alone', () => {
    const audience = [device(ONE)];
    expect(chooseRecipients([entry(FOREIGN), entry(ONE)], { audience, now: NOW })).toEqual({
      listed: [1],
      missing: [],
    });
    expect(() => chooseRecipients([entry(FOREIGN)], { audience, now: NOW })).toThrow('none of its recipients');
  });
});

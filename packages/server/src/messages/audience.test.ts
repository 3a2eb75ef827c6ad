import type { DeviceId, RecipientEntry } from '@puffo/protocol';
import { describe, expect, test } from 'vitest';
import { chooseRecipients } from './audience.ts';

const [ONE, TWO, FOREIGN] = ['dev_1', 'dev_2', 'dev_9'] as unknown as [DeviceId, DeviceId, DeviceId];

function entry(deviceId: DeviceId): RecipientEntry {
  return { deviceId, hpkeEnc: '', wrappedContentKey: '' };
}

describe('chooseRecipients', () => {
  test.each([
    ['all are listed', [ONE, TWO], { usable: [ONE, TWO], ended: [] }, { listed: [0, 1], missing: [] }],
    ['one is missing', [TWO], { usable: [ONE, TWO], ended: [] }, { listed: [0], missing: [ONE] }],
    ['one that ended is dropped', [ONE, TWO], { usable: [TWO], ended: [ONE] }, { listed: [1], missing: [] }],
    ['one that ended is not missing', [TWO], { usable: [TWO], ended: [ONE] }, { listed: [0], missing: [] }],
    ['nobody is left', [ONE], { usable: [TWO], ended: [ONE] }, { listed: [], missing: [TWO] }],
  ])('%s', (_what, recipients, audience, expected) => {
    expect(chooseRecipients(recipients.map(entry), audience)).toEqual(expected);
  });

  test('a device of nobody in the audience is dropped, and refused where it stands alone', () => {
    const audience = { usable: [ONE], ended: [] };
    expect(chooseRecipients([entry(FOREIGN), entry(ONE)], audience)).toEqual({ listed: [1], missing: [] });
    expect(() => chooseRecipients([entry(FOREIGN)], audience)).toThrow('none of its recipients');
  });
});

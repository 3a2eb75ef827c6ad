import { describe, expect, it } from 'vitest';
import { recipientsOf, splitEnvelope } from './split-envelope.ts';

const entry = { device_id: `dev_${'a'.repeat(43)}`, hpke_enc: 'b'.repeat(43), wrapped_content_key: 'c'.repeat(64) };

function envelopeFor(count: number) {
  return {
    type: 'message_envelope',
    content_ciphertext: 'x'.repeat(1000),
    recipients: Array.from({ length: count }, (_none, index) => ({ ...entry, hpke_enc: `${index}`.padStart(43, '0') })),
  };
}

describe('splitEnvelope', () => {
  it.each([1, 2, 13, 400])('puts every one of %i recipients into exactly one part that fits', (count) => {
    const whole = envelopeFor(count);
    const parts = splitEnvelope(whole, 4000);
    expect(parts.flatMap(recipientsOf)).toEqual(whole.recipients);
    for (const part of parts) {
      expect(JSON.stringify(part).length).toBeLessThanOrEqual(4000);
      expect({ ...part, recipients: [] }).toEqual({ ...whole, recipients: [] });
    }
    expect(parts.length).toBe(Math.ceil(count / 13));
  });

  it('leaves an envelope that fits as it is', () => {
    const whole = envelopeFor(3);
    expect(splitEnvelope(whole, 768 * 1024)).toEqual([whole]);
  });

  it('makes the same parts of the same envelope', () => {
    const texts = [1, 2].map(() => JSON.stringify(splitEnvelope(envelopeFor(50), 4000)));
    expect(texts[0]).toBe(texts[1]);
  });
});

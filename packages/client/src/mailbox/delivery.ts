// What arrived for this device and has an id, before anybody looked into it.
import type { JsonObject } from '@puffo/base';
import { type Delivery as Arrival, type EnvelopeId, isEnvelopeId } from '@puffo/protocol';
import type { Opened } from './open-delivery.ts';

export interface Delivery {
  readonly envelopeId: EnvelopeId;
  readonly seq: number | undefined;
  readonly envelope: JsonObject;
  /** It is decrypted once, however often it is looked at. */
  opened: Opened | undefined;
  /** Asked for its subkey often enough: the next look is the last. */
  isGivenUp: boolean;
  timesHeld: number;
}

/** `undefined`: without an id it can neither be handed over nor acknowledged. */
export function readDelivery({ seq, envelope }: Arrival): Delivery | undefined {
  const envelopeId = envelope['envelope_id'];
  if (!isEnvelopeId(envelopeId)) return undefined;
  return { envelopeId, seq, envelope, opened: undefined, isGivenUp: false, timesHeld: 0 };
}

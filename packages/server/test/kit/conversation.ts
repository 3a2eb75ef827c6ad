// Messages in a channel, sealed and opened as clients do it.
import type { JsonObject } from '@puffo/base';
import {
  createWrapPool,
  decodeEnvelope,
  type MessageRecipient,
  openEnvelope,
  type Route,
  sealEnvelope,
} from '@puffo/protocol';
import { random, type TestPerson, textOf } from './test-person.ts';

const wrapPool = createWrapPool({ threads: 0 });

export function recipientOf({ deviceId, identity }: TestPerson): MessageRecipient {
  return { deviceId, kemKey: identity.kemKey.kemPublicKey };
}

export interface Saying {
  readonly from: TestPerson;
  readonly to: readonly MessageRecipient[];
  readonly route: Route;
  readonly text: string;
}

/** The envelope as it is posted. */
export async function seal({ from, to, route, text }: Saying): Promise<JsonObject> {
  const { envelope } = await sealEnvelope(
    {
      signer: { slug: from.slug, subkeyId: from.subkeyId, signingKey: from.subkey },
      route,
      sentAt: from.server.clock.now,
      contentType: 'text/plain',
      content: text,
      recipients: to,
    },
    { random, wrapPool },
  );
  return envelope.object;
}

/** What `reader` decrypts; fails when it is not for them. */
export function open(envelope: unknown, reader: TestPerson): string {
  const device = { deviceId: reader.deviceId, kemKey: reader.identity.kemKey };
  const opened = openEnvelope(decodeEnvelope(envelope), device);
  if (opened.kind === 'refused') throw new Error(opened.message);
  return textOf(opened.value.payload.content);
}

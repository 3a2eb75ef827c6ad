// The envelope of a recorded message, for everybody who may read it now. spec: wire-protocol 6.5
import { decodeBase64url, encodeBase64url } from '@puffo/base';
import {
  type DeviceId,
  LIMITS,
  type MessageRecipient,
  type RecipientEntry,
  sealEnvelope,
  type WrapPool,
  wrapForDevices,
} from '@puffo/protocol';
import { ClientError } from '../client-error.ts';
import type { ClientContext } from '../context.ts';
import type { Directory } from '../directory/directory.ts';
import type { Session } from '../session/session.ts';
import type { Audience } from '../spaces/audience.ts';
import { chooseRecipients } from './choose-recipients.ts';
import type { OutboxRow, SealedRow } from './outbox-store.ts';

export interface SealingParts {
  readonly directory: Pick<Directory, 'getPeople'>;
  readonly audience: Pick<Audience, 'getSlugs' | 'forget'>;
  readonly session: Pick<Session, 'slug' | 'getSubkey'>;
  readonly wrapPool: WrapPool;
  readonly context: ClientContext;
}

export async function sealRow(row: OutboxRow, parts: SealingParts): Promise<SealedRow> {
  const { session, wrapPool, context } = parts;
  const recipients = await findRecipients(row, { parts, isFresh: false });
  const { signerId, signingKey } = await session.getSubkey();
  const { envelope, contentKey } = await sealEnvelope(
    {
      envelopeId: row.envelopeId,
      signer: { slug: session.slug, subkeyId: signerId, signingKey },
      route: row.route,
      sentAt: context.clock(),
      contentType: row.contentType,
      content: row.content,
      threadRootId: row.threadRootId,
      replyToId: row.replyToId,
      isVisibleToHuman: row.isVisibleToHuman,
      // Those beyond are reported as missing by the server, and served then.
      recipients: recipients.slice(0, LIMITS.recipientsPerEnvelope),
    },
    { random: context.random, wrapPool },
  );
  return { envelope: envelope.object, contentKey: encodeBase64url(contentKey) };
}

/** Entries for those of `missing` that verify, in the form of the wire. May be empty. spec: wire-protocol 9.22 */
export async function wrapForMissing(
  row: OutboxRow,
  { parts, missing, sealed }: { parts: SealingParts; missing: ReadonlySet<DeviceId>; sealed: SealedRow },
) {
  const recipients = await findRecipients(row, { parts, isFresh: true });
  const devices = recipients.filter(({ deviceId }) => missing.has(deviceId)).slice(0, LIMITS.recipientsPerEnvelope);
  if (devices.length === 0) return [];
  const contentKey = decodeBase64url(sealed.contentKey);
  if (contentKey === undefined) {
    throw new ClientError('Cannot serve missing devices: the record of the message is damaged', {
      code: 'store-failed',
    });
  }
  const { context, wrapPool } = parts;
  const entries = await wrapForDevices(
    { envelopeId: row.envelopeId, contentKey, devices },
    { random: context.random, wrapPool },
  );
  return entries.map(toWire);
}

async function findRecipients(
  { route }: OutboxRow,
  { parts, isFresh }: { parts: SealingParts; isFresh: boolean },
): Promise<readonly MessageRecipient[]> {
  const { directory, audience, session, context } = parts;
  if (isFresh) audience.forget(route);
  const slugs = await audience.getSlugs(route);
  return chooseRecipients({ directory, slug: session.slug, context }, { route, slugs, isFresh });
}

function toWire({ deviceId, hpkeEnc, wrappedContentKey }: RecipientEntry) {
  return { device_id: deviceId, hpke_enc: hpkeEnc, wrapped_content_key: wrappedContentKey };
}

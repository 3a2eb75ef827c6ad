// spec: wire-protocol 14.2
import { acceptFreshMessage } from '../../messages/accept-fresh-message.ts';
import { readEnvelope } from '../../messages/accept-message.ts';
import { isHeld, toSentFreshness } from '../../messages/freshness.ts';
import { defineRoute } from '../define-route.ts';

export const sendFresh = defineRoute('sendFresh', async ({ context, body, caller }) => {
  const { freshness } = body;
  const envelope = await readEnvelope(context, { object: body.envelope, caller });
  const outcome = await acceptFreshMessage(context, { envelope, freshness });
  const { envelopeId: envelope_id } = envelope;
  if (outcome.kind === 'held') {
    const { seq, envelopeId: latest, senderSlug } = outcome.latest;
    return {
      state: 'held',
      envelope_id,
      context_baseline_seq: freshness.context_baseline_seq,
      seen_seq: freshness.seen_seq,
      latest_seq: seq,
      latest_envelope_id: latest,
      blocking_seq: seq,
      blocking_envelope_id: latest,
      blocking_sender_slug: senderSlug,
    };
  }
  const { seq, isReplay, missing, devicesQueued, latestSeq } = outcome;
  return {
    state: 'sent',
    envelope_id,
    seq,
    replay: isReplay,
    missing_devices: [...missing],
    devices_queued: devicesQueued,
    // A repetition may claim to know less than the first time; then nothing consistent can be said.
    ...(isHeld(freshness, latestSeq) ? {} : { freshness: toSentFreshness(freshness, latestSeq) }),
  };
});

// One look at the open invites: what the operator sent is accepted, what they decided is done, and the rest is asked about.
// Every step may be cut off, and is repeated by the next round. spec: wire-protocol 12.3 to 12.5
import { judgeInvite } from '@puffo/agent';
import { ClientError } from '@puffo/client';
import { type EventId, type InviteEntry, isSlug } from '@puffo/protocol';
import { finishInvite } from './invite-decision.ts';
import { findInviteOrigin } from './invite-origin.ts';
import { codeOf, type InviteParts } from './invite-parts.ts';
import { askAboutInvite } from './invite-question.ts';
import { untilAborted } from './until-aborted.ts';

/** Questions that wait for an answer. More invites wait until some of them are answered or gone. */
const MAX_OPEN_PROMPTS = 20;
/** Of one list. */
const MAX_ENTRIES = 500;
const MAX_REMEMBERED = 1000;

export interface InviteRounds {
  /** Fails when the server cannot be asked, or with the signal's reason. */
  run(signal: AbortSignal): Promise<void>;
}

export function createInviteRounds(parts: InviteParts): InviteRounds {
  const { client, store, own, logger } = parts;
  /** Those that nothing more is done about until somebody starts again. */
  const handled = new Set<EventId>();
  /** Judged already, and not the operator's. */
  const foreign = new Set<EventId>();
  const logged = new Set<string>();

  function warnOnce(event: string, eventId: EventId, fields: Readonly<Record<string, string>>): void {
    const key = `${event} ${eventId}`;
    if (logged.has(key)) return;
    addBounded(logged, key);
    logger.warn(event, { eventId, ...fields });
  }

  function noteFailure(eventId: EventId, error: ClientError): void {
    warnOnce('invite-failed', eventId, { code: codeOf(error) });
  }

  function isForUs({ invitation_event_id: eventId, scope, invitee_slug: invitee }: InviteEntry): boolean {
    if ((scope === 'space' || scope === 'channel') && (invitee ?? own.slug) === own.slug) return true;
    warnOnce('invite-skipped', eventId, { scope });
    return false;
  }

  async function isOperators(entry: InviteEntry, signal: AbortSignal): Promise<boolean> {
    const eventId = entry.invitation_event_id;
    if (foreign.has(eventId)) return false;
    const origin = await untilAborted(findInviteOrigin(entry, { directory: client.directory, own, logger }), signal);
    const { operatorPublicKey } = own;
    const operatorKey = operatorPublicKey === undefined ? undefined : { publicKey: operatorPublicKey };
    if (judgeInvite({ inviterRoot: origin?.rootKey, operatorKey }) === 'accept') return true;
    addBounded(foreign, eventId);
    return false;
  }

  /** Whether the operator was asked. */
  async function look(entry: InviteEntry, mayAsk: boolean, signal: AbortSignal): Promise<boolean> {
    const eventId = entry.invitation_event_id;
    if (await isOperators(entry, signal)) {
      await untilAborted(client.invites.acceptInvite(entry), signal);
      addBounded(handled, eventId);
      logger.info('invite-accepted', { eventId, scope: entry.scope });
      return false;
    }
    const operatorSlug = parts.operatorSlug();
    if (!isSlug(operatorSlug) || !mayAsk) {
      warnOnce('invite-waits', eventId, { reason: mayAsk ? 'no operator_slug' : 'too many open questions' });
      return false;
    }
    await askAboutInvite(entry, { client, store, own, logger, operatorSlug, signal });
    addBounded(handled, eventId);
    return true;
  }

  /** One that goes wrong does not hold up the others. */
  async function tryToLook(entry: InviteEntry, mayAsk: boolean, signal: AbortSignal): Promise<boolean> {
    try {
      return await look(entry, mayAsk, signal);
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      noteFailure(entry.invitation_event_id, error);
      return false;
    }
  }

  async function run(signal: AbortSignal): Promise<void> {
    const listed = await untilAborted(client.invites.listInvites('received'), signal);
    const entries = new Map(listed.slice(0, MAX_ENTRIES).map((entry) => [entry.invitation_event_id, entry]));
    let open = 0;
    for (const prompt of await store.listInvitePrompts()) {
      const { eventId } = prompt;
      const entry = entries.get(eventId);
      entries.delete(eventId);
      if (prompt.decision !== undefined) {
        const options = { ...parts, entry, signal, noteFailure: (error: ClientError) => noteFailure(eventId, error) };
        await finishInvite(prompt, options);
      } else if (entry === undefined) await store.closeInvitePrompt(eventId);
      else open++;
    }
    for (const entry of entries.values()) {
      signal.throwIfAborted();
      if (handled.has(entry.invitation_event_id) || !isForUs(entry)) continue;
      if (await tryToLook(entry, open < MAX_OPEN_PROMPTS, signal)) open++;
    }
  }

  return { run };
}

/** What falls out is looked at once more: nothing of it is done twice. */
function addBounded<Item>(items: Set<Item>, item: Item): void {
  const [oldest] = items;
  if (items.size >= MAX_REMEMBERED && oldest !== undefined) items.delete(oldest);
  items.add(item);
}

// What the model is given for one turn: the messages with the names of people and places, files fetched, and what was said since.
// Nothing here can stop the turn: what cannot be found out is left out. spec: runtimes 2.3, 2.4
import { renderTurn, type TurnMessage } from '@puffo/agent';
import { encodeBase64url, sleep } from '@puffo/base';
import { ATTACHMENTS_CONTENT_TYPE, isSlug, readMessageContent, type Slug } from '@puffo/protocol';
import type { InboxEntry } from '../store/inbox-row.ts';
import type { Turn } from '../store/turns.ts';
import { saveAttachments } from './save-attachments.ts';
import type { TurnParts } from './turn-parts.ts';

const CONTEXT_LIMITS = { maxMessages: 50, maxBytes: 64 * 1024 };
const TOKEN_BYTES = 9;
/** Names are a convenience: ids are there in any case. */
const NAMES_WITHIN_MS = 2000;

export async function composeInput(turn: Turn, parts: TurnParts, signal: AbortSignal): Promise<string> {
  const { store, own, random } = parts;
  const context = await store.takeContext(turn.turnId, CONTEXT_LIMITS);
  const entries = [...context.messages, ...turn.messages];
  const [names, files] = await Promise.all([findNames(entries, parts), fetchFiles(turn.messages, parts, signal)]);
  return renderTurn({
    messages: turn.messages.map((entry) => ({ ...describe(entry, names), ...files.get(entry.envelopeId) })),
    context: context.messages.map((entry) => describe(entry, names)),
    omitted: context.omitted,
    ownSlug: own.slug,
    token: encodeBase64url(random.bytes(TOKEN_BYTES)),
    notices: await noticesOf(turn, parts),
  });
}

/** What an attempt that broke off had said already. spec: mcp-tools 8.4 */
async function noticesOf({ turnId, messages }: Turn, { tools }: TurnParts): Promise<readonly string[]> {
  if (tools.host === undefined || messages.every(({ attempts }) => attempts === 0)) return [];
  const ids = messages.map(({ envelopeId }) => envelopeId);
  const sends = await tools.host.listEarlierSends(turnId, ids);
  return sends.map(
    (send) => `An earlier attempt at this turn broke off after this was sent; do not repeat it: ${send}`,
  );
}

interface Names {
  readonly people: ReadonlyMap<Slug, { readonly name: string | undefined; readonly owner: Slug | undefined }>;
  readonly places: ReadonlyMap<string, { readonly spaceName: string; readonly channelName: string }>;
}

function describe(entry: InboxEntry, { people, places }: Names): TurnMessage {
  const { conversation, senderSlug } = entry;
  const place = conversation.kind === 'channel' ? places.get(conversation.channelId) : undefined;
  const person = people.get(senderSlug);
  return {
    message: entry,
    spaceName: place?.spaceName,
    channelName: place?.channelName,
    senderName: person?.name,
    senderOwner: person?.owner,
    attachments: [],
  };
}

async function findNames(entries: readonly InboxEntry[], { client, logger }: TurnParts): Promise<Names> {
  const written = entries.filter(({ senderType }) => senderType !== 'system');
  const slugs = [...new Set(written.map(({ senderSlug }) => senderSlug))];
  const isInChannel = entries.some(({ conversation }) => conversation.kind === 'channel');
  const people = new Map<Slug, { readonly name: string | undefined; readonly owner: Slug | undefined }>();
  const places = new Map<string, { readonly spaceName: string; readonly channelName: string }>();

  async function findPeople(): Promise<void> {
    for (const [slug, { display_name: name, owner_slug: owner }] of await client.directory.getProfiles(slugs)) {
      people.set(slug, { name: name ?? undefined, owner: isSlug(owner) ? owner : undefined });
    }
  }

  async function findPlaces(): Promise<void> {
    if (!isInChannel) return;
    for (const place of await client.places.listPlaces()) places.set(place.channelId, place);
  }

  const timer = new AbortController();
  const asking = Promise.allSettled([findPeople(), findPlaces()]);
  // It rejects only when it is called off.
  const late = sleep(NAMES_WITHIN_MS, timer.signal).catch(() => undefined);
  const results = await Promise.race([asking, late]);
  timer.abort();
  if (results === undefined) logger.info('names-not-found', { reason: 'too slow' });
  return { people, places };
}

type Files = ReadonlyMap<string, Pick<TurnMessage, 'attachments' | 'failedAttachments'>>;

async function fetchFiles(messages: readonly InboxEntry[], parts: TurnParts, signal: AbortSignal): Promise<Files> {
  const { client, workspaceDir, logger } = parts;
  const files = new Map<string, Pick<TurnMessage, 'attachments' | 'failedAttachments'>>();
  for (const { envelopeId: messageId, attachments: listed } of messages) {
    const content = readMessageContent(ATTACHMENTS_CONTENT_TYPE, { text: '', attachments: [...listed] });
    if (content.kind !== 'attachments' || listed.length === 0) continue;
    const { attachments } = client;
    const options = { attachments, workspaceDir, messageId, signal, logger };
    const { saved, failed } = await saveAttachments(content.attachments, options);
    files.set(messageId, {
      attachments: saved.map(({ path }) => path),
      failedAttachments: [...failed.map(({ name }) => name), ...unnamed(content.unreadable)],
    });
  }
  return files;
}

/** Files that the message names in a way that nobody understands. */
function unnamed(count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => `file ${at + 1} without a usable description`);
}

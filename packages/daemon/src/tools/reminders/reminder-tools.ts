// spec: mcp-tools 10
import { type Conversation, cleanLine } from '@puffo/agent';
import { type EnvelopeId, isSlug } from '@puffo/protocol';
import { absentableNumber, optionalText, requiredText } from '../fields.ts';
import { resolveAddress } from '../places/address.ts';
import { readTime, showTime } from '../read-time.ts';
import { defineTool } from '../tool-definition.ts';
import type { ToolContext } from '../tool-context.ts';
import { ToolError } from '../tool-error.ts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;
const MAX_AHEAD_MINUTES = 366 * DAY_MINUTES;
/** Between two, and after one: an agent that reminds itself to remind itself is not to run all day. */
const GAP_MS = 5 * MINUTE_MS;
const MAX_CHARACTERS = 2000;
const NOTICE_PREFIX = 'notice_';

export const CREATE_REMINDER = defineTool({
  name: 'create_reminder',
  kind: 'self',
  description: 'Get a turn with this text later, once. Give `at` or `in_minutes`.',
  input: {
    content: requiredText({ description: 'what you will want to know then' }),
    at: optionalText({ description: 'ISO 8601 with a zone, such as 2030-01-31T09:00:00+00:00' }),
    in_minutes: absentableNumber({ minimum: 1, maximum: MAX_AHEAD_MINUTES }),
    channel: optionalText({ description: 'where that turn is: ch_… or @slug; empty = this conversation' }),
  },
  async run({ content, at, in_minutes: inMinutes, channel }, context) {
    const { parts, signal, turn, callKey } = context;
    const { store, clock } = parts;
    const text = content.trim();
    if (text === '') throw refuse('`content` is empty');
    if (text.length > MAX_CHARACTERS) {
      throw new ToolError(
        'too_large',
        `Cannot set this reminder: \`content\` has at most ${MAX_CHARACTERS} characters`,
      );
    }
    const now = clock();
    const dueAt = dueTime({ at, inMinutes, now });
    await requireGap(dueAt, context);
    const place = await placeOf(channel, context);
    signal.throwIfAborted();
    const key = turn === undefined ? callKey : `${turn.turnId}:${callKey}`;
    const added = await store.addReminder({ callKey: key, ...place, text, dueAt });
    if (added.kind === 'full') {
      throw new ToolError(
        'too_large',
        `Cannot set this reminder: ${added.maxOpen} are open; cancel one with cancel_reminder`,
      );
    }
    parts.remindersChanged?.();
    return {
      text: `set ${added.reminder.reminderId} for ${showTime(added.reminder.dueAt)}, in ${nameOf(place.conversation)}`,
    };
  },
});

export const LIST_REMINDERS = defineTool({
  name: 'list_reminders',
  kind: 'read',
  description: 'Your open reminders, the next one first.',
  input: {},
  async run(_input, { parts }) {
    const reminders = await parts.store.listReminders();
    if (reminders.length === 0) return { text: '(no reminders)' };
    const lines = reminders.map(
      ({ reminderId, dueAt, conversation, text }) =>
        `- ${reminderId}  ${showTime(dueAt)}  ${nameOf(conversation)}  ${cleanLine(text, 100)}`,
    );
    return {
      text: [`${lines.length} ${lines.length === 1 ? 'reminder' : 'reminders'}, the next one first`, ...lines].join(
        '\n',
      ),
    };
  },
});

export const CANCEL_REMINDER = defineTool({
  name: 'cancel_reminder',
  kind: 'self',
  description: 'Cancel a reminder that is open.',
  isDestructive: true,
  input: { reminder_id: requiredText({ description: 'as list_reminders shows it' }) },
  async run({ reminder_id: id }, { parts, signal }) {
    signal.throwIfAborted();
    if (!(await parts.store.cancelReminder(id))) {
      throw new ToolError(
        'not_found',
        `Cannot cancel '${cleanLine(id, 100)}': no open reminder has this id; see list_reminders`,
      );
    }
    parts.remindersChanged?.();
    return { text: `cancelled ${id}` };
  },
});

interface Moment {
  readonly at: string;
  readonly inMinutes: number | undefined;
  readonly now: number;
}

function dueTime({ at, inMinutes, now }: Moment): number {
  if ((at === '') === (inMinutes === undefined)) throw refuse('give either `at` or `in_minutes`');
  if (inMinutes !== undefined) return now + Math.round(inMinutes * MINUTE_MS);
  const time = readTime(at);
  if (time === undefined) throw refuse('`at` has to be a time with a zone, such as 2030-01-31T09:00:00+00:00');
  if (time <= now) throw refuse(`\`at\` is over; it is ${showTime(now)} now`);
  if (time - now > MAX_AHEAD_MINUTES * MINUTE_MS) throw refuse('`at` is more than a year ahead');
  return time;
}

async function requireGap(dueAt: number, { parts, turn }: ToolContext): Promise<void> {
  const isOfReminder = turn?.messageIds.some((id) => id.startsWith(NOTICE_PREFIX)) === true;
  if (isOfReminder && dueAt < parts.clock() + GAP_MS) {
    throw refuse('a reminder just started this turn, so the next one is due in 5 minutes at the earliest');
  }
  const near = (await parts.store.listReminders()).find((each) => Math.abs(each.dueAt - dueAt) < GAP_MS);
  if (near === undefined) return;
  const message = `Cannot set this reminder: ${near.reminderId} is due at ${showTime(near.dueAt)}, and 5 minutes have to be between two; choose ${showTime(near.dueAt + GAP_MS)}, or one text for both`;
  throw new ToolError('conflict', message);
}

interface Place {
  readonly conversation: Conversation;
  readonly threadRootId: EnvelopeId | null;
}

async function placeOf(channel: string, { parts, turn }: ToolContext): Promise<Place> {
  if (channel !== '') {
    const { route } = await resolveAddress(channel, parts);
    return route.kind === 'channel'
      ? { conversation: route, threadRootId: null }
      : { conversation: { kind: 'dm', peerSlug: route.recipientSlug }, threadRootId: null };
  }
  const last = turn?.messageIds.at(-1);
  const entry = last === undefined ? undefined : await parts.store.find(last);
  if (entry !== undefined) return { conversation: entry.conversation, threadRootId: entry.threadRootId };
  const { operatorSlug } = parts.config().puffoCore;
  if (isSlug(operatorSlug)) return { conversation: { kind: 'dm', peerSlug: operatorSlug }, threadRootId: null };
  throw refuse('`channel` is empty, and no conversation is open; give one');
}

function nameOf(conversation: Conversation): string {
  return conversation.kind === 'dm' ? `@${conversation.peerSlug}` : conversation.channelId;
}

function refuse(problem: string): ToolError {
  return new ToolError('invalid_argument', `Cannot set this reminder: ${problem}`);
}

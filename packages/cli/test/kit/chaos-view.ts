// What people see of agents that were killed again and again: which messages were answered, where, how often, and which ones the
// agents said they cannot answer.
import type { ChannelPlace, SentMessage } from '@puffo/client';
import type { EnvelopeId, VerifiedMessage } from '@puffo/protocol';
import type { TestUser } from '@puffo/testbed';
import { type ChaosAgent, type ChaosWorld, markersIn } from './chaos-world.ts';

export interface Question {
  /** In its text, and in the answer. */
  readonly marker: string;
  readonly person: TestUser;
  readonly agent: ChaosAgent;
  readonly place: 'dm' | ChannelPlace;
}

export interface AskedQuestion extends Question {
  readonly sent: SentMessage;
}

export interface ChaosView {
  /** By marker. */
  readonly answers: ReadonlyMap<string, readonly Answer[]>;
  /** Messages that an agent said it gave up, with how often it said so. */
  readonly notices: ReadonlyMap<EnvelopeId, number>;
  /** How many messages of agents people have. */
  readonly messages: number;
}

export interface Answer {
  readonly message: VerifiedMessage;
  /** Who has it, of the people. */
  readonly readers: readonly TestUser[];
}

/** Cheap enough to be asked often. */
export function createChaosView({ people, agents }: Pick<ChaosWorld, 'people' | 'agents'>): () => ChaosView {
  const slugs = new Set(agents.map(({ user }) => user.slug));
  const answers = new Map<string, Answer[]>();
  const notices = new Map<EnvelopeId, number>();
  const known = new Map<EnvelopeId, TestUser[]>();
  const seen = new Map<TestUser, number>();

  function take(reader: TestUser, message: VerifiedMessage): void {
    const { envelopeId, content, replyToId } = message;
    const readers = known.get(envelopeId);
    if (readers !== undefined) {
      readers.push(reader);
      return;
    }
    const first = [reader];
    known.set(envelopeId, first);
    const markers = typeof content === 'string' ? markersIn(content) : [];
    for (const marker of markers) answers.set(marker, [...(answers.get(marker) ?? []), { message, readers: first }]);
    if (markers.length === 0 && replyToId !== null) notices.set(replyToId, (notices.get(replyToId) ?? 0) + 1);
  }

  return () => {
    for (const person of people) {
      const { received } = person.inbox;
      for (const inbound of received.slice(seen.get(person) ?? 0)) {
        if (inbound.kind === 'message' && slugs.has(inbound.message.senderSlug)) take(person, inbound.message);
      }
      seen.set(person, received.length);
    }
    return { answers, notices, messages: known.size };
  };
}

/** Answered, or said to be given up. */
export function isOver({ marker, sent }: AskedQuestion, { answers, notices }: ChaosView): boolean {
  return answers.has(marker) || notices.has(sent.envelopeId);
}

/** Whether an answer is where its question is, by the agent that was asked, and nobody else has it. */
export function isInPlace({ message, readers }: Answer, question: AskedQuestion, agent: ChaosAgent): boolean {
  const { route, senderSlug } = message;
  if (senderSlug !== agent.user.slug) return false;
  if (question.place === 'dm') {
    return route.kind === 'dm' && route.recipientSlug === question.person.slug && readers.length === 1;
  }
  return route.kind === 'channel' && route.channelId === question.place.channelId;
}

// Whether a message starts a turn, and how urgent it is. What does not is stored all the same. spec: daemon-and-cli 3.6,
// runtimes 2.1, 2.2
import { mentions, type Slug } from '@puffo/protocol';
import type { TriggerConfig } from '../config/agent-config.ts';
import type { InboxMessage } from './inbox-message.ts';

/** Older than that, a message is history: nobody waits for an answer any more. */
export const STALE_AFTER_MS = 48 * 60 * 60 * 1000;

/** 1: a human who means the agent. 2: an agent that does. 3: another human. 4: another agent. */
export type Band = 1 | 2 | 3 | 4;

export type Admission =
  | { readonly kind: 'turn'; readonly band: Band }
  /** No model call; shown to the model with the conversation's next turn. */
  | { readonly kind: 'context'; readonly why: 'trigger-off' }
  /** Kept in the history, and not given to the model. `consumed`: the daemon itself took it as an answer to a question of its own. */
  | { readonly kind: 'stored'; readonly why: 'own' | 'stale' | 'consumed' };

export interface AdmissionFacts {
  readonly ownSlug: Slug;
  readonly triggers: TriggerConfig;
  readonly now: number;
}

export function admit(message: InboxMessage, { ownSlug, triggers, now }: AdmissionFacts): Admission {
  if (message.senderSlug === ownSlug) return { kind: 'stored', why: 'own' };
  if (now - message.sentAt > STALE_AFTER_MS) return { kind: 'stored', why: 'stale' };
  const isAddressed = message.conversation.kind === 'dm' || mentions(message.text, ownSlug);
  if (!isTriggered(message, { triggers, isAddressed })) return { kind: 'context', why: 'trigger-off' };
  return { kind: 'turn', band: bandOf(message, isAddressed) };
}

function isTriggered(
  { conversation }: InboxMessage,
  { triggers, isAddressed }: { readonly triggers: TriggerConfig; readonly isAddressed: boolean },
): boolean {
  if (conversation.kind === 'dm') return triggers.onDm;
  const own = triggers.channels[conversation.channelId];
  if (own === undefined) return isAddressed ? triggers.onMention : triggers.onChannel;
  return own === 'all' || (own === 'mention' && isAddressed);
}

function bandOf({ senderType }: InboxMessage, isAddressed: boolean): Band {
  if (isAddressed) return senderType === 'human' ? 1 : 2;
  return senderType === 'human' ? 3 : 4;
}

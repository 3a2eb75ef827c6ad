import type { Random } from '@puffo/base';
import type { EventKind, EventPayload, SignedEvent } from '@puffo/protocol';
import type { Settings } from '../config/settings.ts';
import type { Writer } from '../spaces/space-store.ts';
import type { Actor, Decision } from './effect.ts';

/** A verified event of one kind about an existing space (or a new one), and who signed it. */
export interface PostedEvent<Kind extends EventKind> {
  readonly transaction: Writer;
  readonly event: SignedEvent;
  readonly payload: EventPayload<Kind>;
  readonly actor: Actor;
  readonly rootPublicKey: string;
  readonly settings: SpacePolicy;
  readonly at: number;
  readonly random: Random;
}

export type SpacePolicy = Pick<Settings, 'agentsMayCreateSpaces' | 'membersMayCreateChannels'>;

/** Gathers the facts that the rule of this kind asks for, and lets it decide. */
export type Decide<Kind extends EventKind> = (posted: PostedEvent<Kind>) => Promise<Decision>;

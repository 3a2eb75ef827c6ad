// What an event of a space changes, as data: rules decide, `apply-effects.ts` writes. spec: wire-protocol 8.4
import type { JsonObject } from '@puffo/base';
import type { ApiErrorCode, ChannelId, EventId, EventKind, MemberRole, Slug } from '@puffo/protocol';

export type InviteRole = 'admin' | 'member';
export type ClosedInvite = 'accepted' | 'rejected' | 'cancelled';

/** All within the one space that the event is about. */
export type Effect =
  | { readonly kind: 'add-space'; readonly name: string; readonly ownerSlug: Slug }
  | { readonly kind: 'add-channel'; readonly channel: NewChannel }
  | { readonly kind: 'join-space'; readonly slug: Slug; readonly role: MemberRole }
  | {
      readonly kind: 'join-channel';
      readonly channelId: ChannelId;
      readonly slug: Slug;
      readonly role: MemberRole;
    }
  /** With all its channels, and what this person invited others to. */
  | { readonly kind: 'leave-space'; readonly slug: Slug }
  | { readonly kind: 'leave-channel'; readonly channelId: ChannelId; readonly slug: Slug }
  | { readonly kind: 'set-role'; readonly slug: Slug; readonly role: MemberRole }
  | { readonly kind: 'set-owner'; readonly slug: Slug }
  | { readonly kind: 'open-invite'; readonly invite: NewInvite }
  | { readonly kind: 'close-invite'; readonly invitationEventId: EventId; readonly state: ClosedInvite }
  /** Who came in by another way needs no invite into the space any more. */
  | { readonly kind: 'supersede-invites'; readonly slug: Slug }
  | { readonly kind: 'add-link'; readonly link: NewLink }
  | { readonly kind: 'use-link'; readonly inviteId: string; readonly redemptionId: string; readonly slug: Slug }
  | { readonly kind: 'revoke-link'; readonly inviteId: string }
  | { readonly kind: 'emit'; readonly event: EventToEmit };

export interface NewChannel {
  readonly channelId: ChannelId;
  readonly name: string;
  readonly isPublic: boolean;
  readonly ownerSlug: Slug;
}

export interface NewInvite {
  readonly invitationEventId: EventId;
  readonly scope: 'space' | 'channel';
  readonly channelId: ChannelId | null;
  readonly inviterSlug: Slug;
  readonly inviteeSlug: Slug;
  readonly role: InviteRole;
  readonly initialChannelIds: readonly ChannelId[];
  readonly issuedAt: number;
}

export interface NewLink {
  readonly inviteId: string;
  readonly creatorSlug: Slug;
  readonly scope: LinkScope;
  readonly publicKey: string;
  readonly maxUses: number | null;
  readonly expiresAt: number;
  readonly eventId: EventId;
}

/** As it stands in the event. */
export interface LinkScope {
  readonly space_grant: { readonly role: string } | null;
  readonly channel_grants: readonly { readonly channel_id: ChannelId; readonly role: string }[];
}

/** An event that the server adds in somebody's name, without a signature. spec: wire-protocol 8.7 */
export interface EventToEmit {
  readonly kind: EventKind;
  readonly signerSlug: Slug;
  readonly marker: string;
  /** Without `space_id` and `nonce`, which are added. */
  readonly payload: JsonObject;
}

export const MARKERS = {
  generalChannel: 'server-auto:default-general-channel',
  agentLeaves: 'server-auto:agent-cascade-leave-space',
  autoAccept: 'server-auto:auto-accept-channel-invite',
  linkRedemption: 'server-auto:invite-link-redemption',
} as const;

type RefusalCode = Extract<ApiErrorCode, 'INVALID_PAYLOAD' | 'FORBIDDEN' | 'NOT_FOUND' | 'CONFLICT' | 'GONE'>;

export type Decision =
  | { readonly kind: 'applied'; readonly effects: readonly Effect[] }
  /** It was done before: a success that changes nothing. */
  | { readonly kind: 'repeated' }
  | { readonly kind: 'refused'; readonly code: RefusalCode; readonly because: string };

export const REPEATED: Decision = { kind: 'repeated' };

export function applied(...effects: readonly Effect[]): Decision {
  return { kind: 'applied', effects };
}

export function refused(code: RefusalCode, because: string): Decision {
  return { kind: 'refused', code, because };
}

/** What is known of the person who acts. */
export interface Actor {
  readonly slug: Slug;
  readonly identityType: 'human' | 'agent';
  /** In the space; `undefined`: not a member. */
  readonly role: MemberRole | undefined;
}

export const NOT_A_MEMBER = refused('FORBIDDEN', 'you are not a member of this space');

export function isManager({ role }: Actor): boolean {
  return role === 'owner' || role === 'admin';
}

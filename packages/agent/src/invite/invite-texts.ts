// What an operator reads about an invite to their agent: the question, and what became of it. Names are snapshots that other
// people chose, so ids stand beside them. spec: wire-protocol 12.3, 12.5
import type { ChannelId, Slug, SpaceId } from '@puffo/protocol';
import { cleanLine } from '../text/clean-text.ts';

export interface InviteTarget {
  readonly spaceId: SpaceId;
  readonly spaceName?: string | undefined;
  /** Of an invite to a channel. */
  readonly channel?: { readonly id: ChannelId; readonly name?: string | undefined } | undefined;
}

export interface InviteQuestion {
  readonly target: InviteTarget;
  readonly inviterSlug: Slug;
  readonly inviterName?: string | undefined;
}

const MAX_NAME_CHARACTERS = 80;

export function inviteQuestion({ target, inviterSlug, inviterName }: InviteQuestion): string {
  return [
    `${named(inviterName, `@${inviterSlug}`)} invites me to ${targetText(target)}.`,
    'Shall I accept? Answer `y` or `n` in this thread.',
  ].join('\n\n');
}

export function inviteConfirmation(answer: 'yes' | 'no', target: InviteTarget): string {
  return answer === 'yes' ? `I am now in ${targetText(target)}.` : `I declined the invite to ${targetText(target)}.`;
}

/** The server refused for now, and the answer is not forgotten. */
export function inviteFailure(answer: 'yes' | 'no', target: InviteTarget): string {
  const what = answer === 'yes' ? 'accept' : 'decline';
  return `I could not ${what} the invite to ${targetText(target)} yet. I keep trying while it is open.`;
}

/** It was accepted, declined or taken back elsewhere before the answer came. */
export function inviteGone(target: InviteTarget): string {
  return `The invite to ${targetText(target)} is not open any more, so there is nothing to decide.`;
}

function targetText({ spaceId, spaceName, channel }: InviteTarget): string {
  const space = `the space ${named(spaceName, spaceId)}`;
  return channel === undefined ? space : `the channel ${named(channel.name, channel.id)} in ${space}`;
}

function named(name: string | undefined, id: string): string {
  const line = cleanLine(name ?? '', MAX_NAME_CHARACTERS);
  return line === '' ? id : `"${line}" (${id})`;
}

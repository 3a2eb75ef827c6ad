// An identity that is retired leaves everything. What it owned goes to somebody who can keep it, or ends.
// spec: wire-protocol 4.13, 8.7
import type { JsonObject, Random } from '@puffo/base';
import type { Slug, SpaceId } from '@puffo/protocol';
import { applyEffects } from '../events/apply-effects.ts';
import type { Effect } from '../events/effect.ts';
import { leaveByServer } from '../events/space-rules.ts';
import { collectSpaceChange, type SpaceChange } from './space-change.ts';
import { deleteSpace, lockSpaces, type Writer } from './space-store.ts';

export interface Leaver {
  readonly slug: Slug;
  readonly at: number;
  readonly random: Random;
  /** Stands in the place of a signature: `server-auto:…`. */
  readonly marker: string;
}

/** Announce each returned change with `announceSpaceChange` after the commit. */
export async function leaveAllSpaces(transaction: Writer, leaver: Leaver): Promise<readonly SpaceChange[]> {
  await lockSpaces(transaction);
  const memberships = await transaction
    .selectFrom('space_members')
    .where('slug', '=', leaver.slug)
    .orderBy('space_id')
    .select(['space_id', 'role'])
    .execute();
  const changes: SpaceChange[] = [];
  for (const { space_id, role } of memberships) {
    changes.push(await leaveOne(transaction, { leaver, spaceId: space_id as SpaceId, isOwner: role === 'owner' }));
  }
  await transaction
    .updateTable('invites')
    .set({ state: 'cancelled' })
    .where('invitee_slug', '=', leaver.slug)
    .where('state', '=', 'pending')
    .execute();
  return changes;
}

async function leaveOne(
  transaction: Writer,
  { leaver, spaceId, isOwner }: { leaver: Leaver; spaceId: SpaceId; isOwner: boolean },
): Promise<SpaceChange> {
  const { slug, at, random } = leaver;
  const heir = isOwner ? await findHeir(transaction, { spaceId, slug }) : undefined;
  const effects = [...(heir === undefined ? [] : handOver({ ...leaver, heir })), ...leaveByServer(leaver)];
  const events: readonly JsonObject[] = await applyEffects(transaction, effects, {
    spaceId,
    eventId: null,
    at,
    random,
  });
  const change = await collectSpaceChange(transaction, { spaceId, events, effects });
  if (isOwner && heir === undefined) await deleteSpace(transaction, { spaceId, at });
  return change;
}

/** The longest-serving admin, else the longest-serving person: agents own nothing unless somebody made them. */
async function findHeir(
  transaction: Writer,
  { spaceId, slug }: { spaceId: SpaceId; slug: Slug },
): Promise<Slug | undefined> {
  const people = await transaction
    .selectFrom('space_members')
    .innerJoin('identities', 'identities.slug', 'space_members.slug')
    .where('space_members.space_id', '=', spaceId)
    .where('space_members.slug', '!=', slug)
    .where('identities.identity_type', '=', 'human')
    .where('identities.state', '=', 'active')
    .orderBy('space_members.joined_at')
    .orderBy('space_members.slug')
    .select(['space_members.slug', 'space_members.role'])
    .execute();
  const heir = people.find(({ role }) => role === 'admin') ?? people[0];
  return heir?.slug as Slug | undefined;
}

function handOver({ slug, at, marker, heir }: Leaver & { readonly heir: Slug }): readonly Effect[] {
  const payload = { new_owner_slug: heir, issued_at: at };
  return [
    { kind: 'emit', event: { kind: 'transfer_space_ownership', signerSlug: slug, marker, payload } },
    { kind: 'set-role', slug: heir, role: 'owner' },
    { kind: 'set-owner', slug: heir },
  ];
}

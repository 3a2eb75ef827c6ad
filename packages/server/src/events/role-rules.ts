// Who becomes admin, and who becomes owner. spec: wire-protocol 8.4
import type { MemberRole, Slug } from '@puffo/protocol';
import { type Actor, applied, type Decision, type InviteRole, refused } from './effect.ts';

export interface RoleFacts {
  readonly actor: Actor;
  readonly target: Slug;
  readonly targetRole: MemberRole | undefined;
}

export function decideUpdateRole({
  actor,
  target,
  targetRole,
  newRole,
}: RoleFacts & { readonly newRole: InviteRole }): Decision {
  if (actor.role !== 'owner') return refused('FORBIDDEN', 'only the owner of the space gives roles');
  if (targetRole === undefined) return refused('NOT_FOUND', 'the person is not a member of the space');
  if (targetRole === 'owner') return refused('CONFLICT', 'the role of the owner changes by handing the space over');
  return applied({ kind: 'set-role', slug: target, role: newRole });
}

export interface TransferFacts extends RoleFacts {
  readonly targetType: 'human' | 'agent' | undefined;
}

/** Roles swap: the old owner stays as admin. */
export function decideTransfer({ actor, target, targetRole, targetType }: TransferFacts): Decision {
  if (actor.role !== 'owner') return refused('FORBIDDEN', 'only the owner hands the space over');
  if (targetRole === undefined) return refused('NOT_FOUND', 'the new owner is not a member of the space');
  if (targetRole === 'owner') return refused('CONFLICT', 'this person owns the space already');
  if (targetType !== 'human') return refused('FORBIDDEN', 'only a person can own a space');
  return applied(
    { kind: 'set-role', slug: actor.slug, role: 'admin' },
    { kind: 'set-role', slug: target, role: 'owner' },
    { kind: 'set-owner', slug: target },
  );
}

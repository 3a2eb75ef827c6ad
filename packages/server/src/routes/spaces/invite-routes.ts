import type { Route } from '../define-route.ts';
import { createInviteLink } from './create-invite-link.ts';
import { getInviteLink } from './get-invite-link.ts';
import { listInviteLinks } from './list-invite-links.ts';
import { listInvites } from './list-invites.ts';
import { redeemInviteLink } from './redeem-invite-link.ts';
import { revokeInviteLink } from './revoke-invite-link.ts';

/** spec: wire-protocol 9.21, 14.5 */
export const INVITE_ROUTES: readonly Route[] = [
  listInvites,
  createInviteLink,
  listInviteLinks,
  getInviteLink,
  redeemInviteLink,
  revokeInviteLink,
];

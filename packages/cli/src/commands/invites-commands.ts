import type { InviteEntry } from '@puffo/protocol';
import { CliError } from '../cli-error.ts';
import type { CommandDefinition, Outcome } from '../command.ts';
import { cleanName } from '../output/clean-text.ts';
import { columns } from '../output/columns.ts';
import { relativeTime } from '../output/format-time.ts';
import { type SignedInCall, signedIn } from '../signed-in/with-signed-in.ts';

const INVITE = { name: 'invite', help: 'its id, or the name of the space or channel' };

export const INVITES_COMMANDS: readonly CommandDefinition[] = [
  {
    name: 'invites list',
    summary: 'list what you are invited to',
    options: [{ flag: 'sent', help: 'those that you sent, which nobody answered yet' }],
    examples: ['invites list', 'invites list --sent'],
    run: signedIn(list),
  },
  {
    name: 'invites accept',
    summary: 'accept an invitation',
    arguments: [INVITE],
    examples: ['invites accept "Garden club"', 'invites accept ev_0e37df36-f698-41e6-9dbb-12d92ee4a0f8'],
    run: signedIn(accept),
  },
  {
    name: 'invites reject',
    summary: 'reject an invitation',
    arguments: [INVITE],
    examples: ['invites reject "Garden club"'],
    run: signedIn(reject),
  },
];

async function list({ call, invites }: SignedInCall): Promise<Outcome> {
  const found = await invites.listInvites(call.hasFlag('sent') ? 'sent' : 'received');
  const now = call.world.now();
  const { paint } = call.terminal;
  const rows = found.map((invite) => [
    paint.bold(cleanName(nameOf(invite))),
    invite.scope === 'channel' ? 'channel' : 'space',
    call.hasFlag('sent') ? `to @${cleanName(invite.invitee_slug ?? '?')}` : `from @${invite.inviter_slug}`,
    invite.issued_at === undefined ? '' : relativeTime({ at: invite.issued_at, now }),
    paint.dim(invite.invitation_event_id),
  ]);
  const lines = rows.length === 0 ? ['No invitations wait.'] : columns(rows);
  return { json: found.map(inviteJson), lines };
}

async function accept({ call, invites }: SignedInCall): Promise<Outcome> {
  const invite = findInvite(await invites.listInvites(), call.argument('invite'));
  await invites.acceptInvite(invite);
  return { json: inviteJson(invite), lines: [`Accepted: you are in ${cleanName(nameOf(invite))} now.`] };
}

async function reject({ call, invites }: SignedInCall): Promise<Outcome> {
  const invite = findInvite(await invites.listInvites(), call.argument('invite'));
  await invites.rejectInvite(invite);
  return { json: inviteJson(invite), lines: [`Rejected the invitation to ${cleanName(nameOf(invite))}.`] };
}

function findInvite(invites: readonly InviteEntry[], text: string): InviteEntry {
  const byId = invites.find(({ invitation_event_id }) => invitation_event_id === text);
  const [only, ...others] = byId === undefined ? invites.filter((invite) => isNamed(invite, text)) : [byId];
  if (only === undefined)
    throw new CliError('failed', `Cannot find invitation '${cleanName(text)}': see puffo-cli invites list`);
  if (others.length > 0) {
    throw new CliError(
      'failed',
      `Cannot tell which invitation '${cleanName(text)}' is: give its id, see puffo-cli invites list`,
    );
  }
  return only;
}

function isNamed({ scope, space_name, channel_name, space_id, channel_id }: InviteEntry, text: string): boolean {
  return scope === 'channel'
    ? [channel_name, `${space_name}/${channel_name}`, channel_id].includes(text)
    : [space_name, space_id].includes(text);
}

function nameOf({ scope, space_name, channel_name, space_id, channel_id }: InviteEntry): string {
  const space = space_name ?? space_id;
  return scope === 'channel' ? `${space}/${channel_name ?? channel_id ?? '?'}` : space;
}

function inviteJson(invite: InviteEntry) {
  return {
    invitation_event_id: invite.invitation_event_id,
    scope: invite.scope,
    space_id: invite.space_id,
    space_name: invite.space_name ?? null,
    channel_id: invite.channel_id ?? null,
    channel_name: invite.channel_name ?? null,
    inviter: invite.inviter_slug,
    invitee: invite.invitee_slug ?? null,
    issued_at: invite.issued_at ?? null,
  };
}

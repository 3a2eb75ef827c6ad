// Does what the operator decided about an invite, says so in the thread, and only then forgets it. spec: wire-protocol 12.5
import { inviteConfirmation, inviteFailure, inviteGone } from '@puffo/agent';
import { type Client, ClientError } from '@puffo/client';
import type { InviteEntry } from '@puffo/protocol';
import type { InvitePrompt } from '../store/invite-prompts.ts';
import { type InviteParts, sayToOperator } from './invite-parts.ts';
import { inviteTargetOf } from './invite-question.ts';
import { untilAborted } from './until-aborted.ts';

export interface DecisionOptions extends InviteParts {
  /** Absent: it is not open any more. */
  readonly entry: InviteEntry | undefined;
  readonly signal: AbortSignal;
  readonly noteFailure: (error: ClientError) => void;
}

type InviteOutcome = 'done' | 'gone' | 'refused';

/** When it does not come to an end, it is to be called again. */
export async function finishInvite(prompt: InvitePrompt, options: DecisionOptions): Promise<void> {
  const { eventId, operatorSlug, promptId: threadRootId } = prompt;
  const outcome = await act(prompt, options);
  if (outcome === undefined) return;
  const key = `invite:${eventId}:${outcome === 'refused' ? 'refused' : 'answered'}`;
  await sayToOperator(options, { text: textOf(outcome, prompt, options.entry), operatorSlug, threadRootId, key });
  if (outcome === 'refused') return;
  await options.store.closeInvitePrompt(eventId);
  options.logger.info('invite-answered', { eventId, outcome });
}

/** `undefined`: nobody knows yet. */
async function act(prompt: InvitePrompt, options: DecisionOptions): Promise<InviteOutcome | undefined> {
  const { client, entry, signal, noteFailure } = options;
  try {
    if (prompt.decision === 'reject') {
      if (entry !== undefined) await untilAborted(client.invites.rejectInvite(entry), signal);
      return 'done';
    }
    if (entry === undefined) return (await untilAborted(isIn(prompt, client), signal)) ? 'done' : 'gone';
    await untilAborted(client.invites.acceptInvite(entry), signal);
    return 'done';
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    noteFailure(error);
    return error.code === 'refused' ? 'refused' : undefined;
  }
}

function textOf(outcome: InviteOutcome, prompt: InvitePrompt, entry: InviteEntry | undefined): string {
  const answer = prompt.decision === 'reject' ? 'no' : 'yes';
  const target = inviteTargetOf(entry ?? { space_id: prompt.spaceId, channel_id: prompt.channelId });
  if (outcome === 'done') return inviteConfirmation(answer, target);
  return outcome === 'gone' ? inviteGone(target) : inviteFailure(answer, target);
}

/** After a crash: it was accepted, and nobody was told. */
async function isIn(
  { scope, spaceId, channelId }: InvitePrompt,
  { spaces, channels }: Pick<Client, 'spaces' | 'channels'>,
): Promise<boolean> {
  const joined = await spaces.listSpaces();
  if (!joined.some(({ space_id: id }) => id === spaceId)) return false;
  if (scope === 'space') return true;
  const readable = await channels.listChannels(spaceId);
  return readable.some(({ channel_id: id }) => id === channelId);
}

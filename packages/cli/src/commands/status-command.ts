import type { CommandDefinition, Outcome } from '../command.ts';
import { describeState, statusDot } from '../output/agent-state.ts';
import { cleanName } from '../output/clean-text.ts';
import { relativeTime } from '../output/format-time.ts';
import { parsePerson } from '../signed-in/conversation.ts';
import { type SignedInCall, signedIn } from '../signed-in/with-signed-in.ts';

const MAX_ERROR_CHARACTERS = 300;

export const statusCommand: CommandDefinition = {
  name: 'status',
  summary: 'show how an agent is',
  arguments: [{ name: 'agent', help: 'its slug' }],
  examples: ['status helper-9a7c', 'status @helper-9a7c --json'],
  run: signedIn(showStatus),
};

async function showStatus({ call, client }: SignedInCall): Promise<Outcome> {
  const slug = parsePerson(call.argument('agent'));
  const found = await client.http.call('getAgentStatus', { params: { slug } });
  const { status, current_message_id, error_text, last_heartbeat_at } = found;
  const { paint } = call.terminal;
  const seen =
    last_heartbeat_at === undefined
      ? 'never seen'
      : `seen ${relativeTime({ at: last_heartbeat_at, now: call.world.now() })}`;
  return {
    json: {
      slug,
      status,
      current_message_id: current_message_id ?? null,
      error_text: error_text ?? null,
      last_heartbeat_at: last_heartbeat_at ?? null,
    },
    lines: [
      `${statusDot(status, paint)} @${slug}  ${describeState(status)}, ${seen}`,
      ...(current_message_id === undefined ? [] : [`    works on ${current_message_id}`]),
      ...(error_text === undefined ? [] : [`    ${cleanName(error_text, MAX_ERROR_CHARACTERS)}`]),
    ],
  };
}

// Where a page of the history begins or ends: a message, or a time. spec: mcp-tools 6.5
import { cleanLine } from '@puffo/agent';
import type { HistoryPlace } from '../../store/history-reader.ts';
import { readTime } from '../read-time.ts';
import { ToolError } from '../tool-error.ts';
import type { ToolParts } from '../tool-parts.ts';

/** `undefined`: nothing was given. */
export async function readPlace(
  given: string,
  { name, history }: { readonly name: string; readonly history: Pick<ToolParts['history'], 'find'> },
): Promise<HistoryPlace | undefined> {
  if (given === '') return undefined;
  const time = readTime(given);
  if (time !== undefined) return { sentAt: time };
  const message = await history.find(given);
  if (message !== undefined) return { sentAt: message.sentAt, envelopeId: message.envelopeId };
  if (!given.startsWith('msg_')) {
    const forms = 'give a message id, or a time such as 2030-01-31T09:00:00+00:00';
    throw new ToolError('invalid_argument', `Cannot use \`${name}\` '${cleanLine(given, 100)}': ${forms}`);
  }
  throw new ToolError(
    'not_found',
    `Cannot find the message ${cleanLine(given, 100)} of \`${name}\`: use an id from a list`,
  );
}

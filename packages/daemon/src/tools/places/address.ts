// Whom a tool means: `ch_…` or `@slug`, and nothing is guessed. spec: mcp-tools 4.1, 4.2
import { cleanLine } from '@puffo/agent';
import { ClientError } from '@puffo/client';
import { isChannelId, isSlug, type Route, type Slug } from '@puffo/protocol';
import { ToolError } from '../tool-error.ts';
import type { ToolParts } from '../tool-parts.ts';

export interface Target {
  readonly route: Route;
  /** For people and models: `General (ch_…)` or `@alice-0001`. */
  readonly name: string;
}

const FORMS = 'use a channel id (ch_…) from list_channels, or @slug for a direct message';
const NAMED_PAIR = /\(\s*(ch_[^\s()]+)\s*\)$/;
const MAX_NAME = 80;
const MAX_GIVEN = 100;

type AddressParts = Pick<ToolParts, 'client' | 'own'>;

/** Somebody or something that can be written to now. */
export async function resolveAddress(given: string, parts: AddressParts): Promise<Target> {
  const text = readPair(given);
  if (text === '') throw refuse(`Cannot tell where to: \`channel\` is empty; ${FORMS}`);
  if (text.startsWith('#')) {
    throw refuse(`Cannot use '${shortened(text)}': names are no addresses; look its id up with list_channels`);
  }
  if (text.startsWith('@')) return resolvePerson(text.slice(1), parts);
  if (isChannelId(text)) return resolveChannel(text, parts);
  throw await neither(text, parts);
}

/** For reading what is here: a person need not exist any more. */
export function readPeer(given: string, { own }: Pick<ToolParts, 'own'>): Slug {
  const text = given.trim().replace(/^@/, '');
  if (text === '') throw refuse('Cannot tell whom you mean: the slug is missing; write @slug');
  if (!isSlug(text)) {
    throw refuse(`Cannot use '${shortened(text)}': a slug looks like name-1a2b; look it up with get_user_info`);
  }
  if (text === own.slug) throw refuse('Cannot use your own slug: there is no conversation with yourself');
  return text;
}

/** Without what people paste around an id. */
export function readPair(given: string): string {
  const text = given.trim();
  return NAMED_PAIR.exec(text)?.[1] ?? text;
}

async function resolvePerson(slugText: string, parts: AddressParts): Promise<Target> {
  if (slugText.trim() === '') throw refuse('Cannot tell whom to write to: the slug after @ is missing; write @slug');
  const slug = readPeer(slugText, parts);
  const { people, problems } = await parts.client.directory.getPeople([slug]);
  const [problem] = problems;
  const person = people.get(slug);
  if (problem?.code === 'unknown-person' || (problem === undefined && person === undefined)) {
    throw new ToolError('not_found', `Cannot write to @${slug}: nobody has this slug; check it with get_user_info`);
  }
  if (problem !== undefined) {
    throw new ToolError('forbidden', `Cannot write to @${slug}: their keys cannot be trusted; tell your operator`);
  }
  if (person?.devices.length === 0) {
    throw new ToolError('not_found', `Cannot write to @${slug}: they have no device to read it on`);
  }
  return { route: { kind: 'dm', recipientSlug: slug }, name: `@${slug}` };
}

async function resolveChannel(channelId: string, { client }: AddressParts): Promise<Target> {
  try {
    const place = await client.places.findChannel(channelId);
    const { spaceId, channelName } = place;
    const name = cleanLine(channelName, MAX_NAME);
    return {
      route: { kind: 'channel', spaceId, channelId: place.channelId },
      name: name === '' ? place.channelId : `${name} (${place.channelId})`,
    };
  } catch (error) {
    if (!(error instanceof ClientError) || error.code !== 'invalid-input') throw error;
    const message = `Cannot find channel ${shortened(channelId)}: you are not in it or the id is wrong; see list_channels, and try again in a moment if you were just added`;
    throw new ToolError('not_found', message, { cause: error });
  }
}

async function neither(text: string, { client }: AddressParts): Promise<ToolError> {
  const problem = `Cannot use '${shortened(text)}' as an address`;
  if (isSlug(text) && (await client.directory.getProfiles([text])).has(text)) {
    return refuse(`${problem}: it is a person; write @${text} for a direct message`);
  }
  return refuse(`${problem}: it is neither a channel id nor a person; ${FORMS}`);
}

function refuse(message: string): ToolError {
  return new ToolError('invalid_argument', message);
}

function shortened(text: string): string {
  return cleanLine(text, MAX_GIVEN);
}

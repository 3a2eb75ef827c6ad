// Where somebody means when they type the name of a channel. spec: wire-protocol 9.13, 9.15
import { type ChannelId, isChannelId, isSpaceId, type ServerFrame, type SpaceId } from '@puffo/protocol';
import { createSingleFlight } from '@puffo/base';
import { ClientError } from '../client-error.ts';
import type { ClientContext } from '../context.ts';
import type { Channels } from './channels.ts';
import type { Spaces } from './spaces.ts';

export interface Place {
  readonly spaceId: SpaceId;
  /** Foreign text. */
  readonly spaceName: string;
  readonly channelId: ChannelId;
  /** Foreign text. */
  readonly channelName: string;
}

export interface Places {
  /** All channels of all spaces one is in; from memory while young. */
  listPlaces(): Promise<readonly Place[]>;
  /** By id, `name` or `space/name`, with or without `#`. Fails, with the candidates, when it is none or several. */
  findChannel(text: string): Promise<Place>;
  findSpace(text: string): Promise<SpaceId>;
  /** Any frame may be passed. */
  noteFrame(frame: ServerFrame): void;
}

export interface PlacesOptions {
  readonly spaces: Pick<Spaces, 'listSpaces'>;
  readonly channels: Pick<Channels, 'listChannels'>;
  readonly context: ClientContext;
}

interface Known {
  readonly spaces: readonly { readonly spaceId: SpaceId; readonly name: string }[];
  readonly places: readonly Place[];
  readonly fetchedAt: number;
}

const YOUNG_MS = 60_000;
/** Who asks for what is not there does not ask the server each time. */
const SAME_MISS_MS = 5000;
const MISSES = 100;
const CANDIDATES = 8;
const NAME_CHARACTERS = 40;

const CHANGES: ReadonlySet<ServerFrame['type']> = new Set([
  'event',
  'space_membership_changed',
  'space_update',
  'channel_update',
  'space_delete',
  'channel_delete',
]);

export function createPlaces({ spaces, channels, context }: PlacesOptions): Places {
  const flights = createSingleFlight<number>();
  const misses = new Map<string, number>();
  let known: Known | undefined;
  let changes = 0;

  async function fetchKnown(): Promise<Known> {
    const asked = changes;
    const entries = await spaces.listSpaces();
    const places: Place[] = [];
    for (const { space_id: spaceId, name: spaceName } of entries) {
      for (const { channel_id: channelId, name: channelName } of await listChannelsOf(spaceId)) {
        places.push({ spaceId, spaceName, channelId, channelName });
      }
    }
    const named = entries.map(({ space_id: spaceId, name }) => ({ spaceId, name }));
    const fetched = { spaces: named, places, fetchedAt: context.clock() };
    if (asked === changes) known = fetched;
    return fetched;
  }

  /** A space that was left a moment ago hides none of the others. */
  async function listChannelsOf(spaceId: SpaceId) {
    try {
      return await channels.listChannels(spaceId);
    } catch (error) {
      if (!(error instanceof ClientError) || error.code !== 'refused') throw error;
      context.log.info('channels-not-listed', { spaceId, code: error.apiCode ?? error.code });
      return [];
    }
  }

  function refresh(): Promise<Known> {
    return flights.run(changes, fetchKnown);
  }

  async function getKnown(): Promise<Known> {
    const age = known === undefined ? Infinity : context.clock() - known.fetchedAt;
    return known !== undefined && age >= 0 && age < YOUNG_MS ? known : refresh();
  }

  /** What is not found may be new: the server is asked once more, though not for the same miss again at once. */
  async function findAll<Found>(text: string, find: (in_: Known) => readonly Found[]): Promise<readonly Found[]> {
    const before = known;
    const held = await getKnown();
    const found = find(held);
    if (found.length > 0 || isRecentMiss(text)) return found;
    const again = held === before ? find(await refresh()) : found;
    if (again.length === 0) noteMiss(text);
    return again;
  }

  function isRecentMiss(text: string): boolean {
    const missedAt = misses.get(text);
    return missedAt !== undefined && context.clock() - missedAt < SAME_MISS_MS;
  }

  function noteMiss(text: string): void {
    if (misses.size >= MISSES) misses.clear();
    misses.set(text, context.clock());
  }

  return {
    async listPlaces() {
      return (await getKnown()).places;
    },
    async findChannel(text) {
      const wanted = text.trim().replace(/^#/, '');
      const found = await findAll(`channel ${wanted}`, ({ places }) => matchChannels(places, wanted));
      const [only, ...others] = found;
      if (only !== undefined && others.length === 0) return only;
      if (only !== undefined) throw ambiguous(wanted, found.map(describePlace));
      throw notFound('channel', { wanted, candidates: (known?.places ?? []).map(describePlace) });
    },
    async findSpace(text) {
      const wanted = text.trim();
      const found = await findAll(`space ${wanted}`, (in_) => matchSpaces(in_.spaces, wanted));
      const [only, ...others] = found;
      if (only !== undefined && others.length === 0) return only.spaceId;
      if (only !== undefined) throw ambiguous(wanted, found.map(describeSpace));
      throw notFound('space', { wanted, candidates: (known?.spaces ?? []).map(describeSpace) });
    },
    noteFrame({ type }) {
      if (!CHANGES.has(type)) return;
      changes++;
      known = undefined;
    },
  };
}

/** The most exact reading that fits anything: an id, the whole name, then without regard to case. */
function matchChannels(places: readonly Place[], wanted: string): readonly Place[] {
  if (isChannelId(wanted)) return places.filter(({ channelId }) => channelId === wanted);
  const exact = places.filter((place) => namesOf(place).includes(wanted));
  if (exact.length > 0) return exact;
  return places.filter((place) => namesOf(place).some((name) => isSameName(name, wanted)));
}

function namesOf({ spaceId, spaceName, channelId, channelName }: Place): readonly string[] {
  const spaceNames = [spaceId, spaceName];
  return [channelName, ...spaceNames.flatMap((space) => [`${space}/${channelName}`, `${space}/${channelId}`])];
}

function matchSpaces(spaces: Known['spaces'], wanted: string): Known['spaces'] {
  if (isSpaceId(wanted)) return spaces.filter(({ spaceId }) => spaceId === wanted);
  const exact = spaces.filter(({ name }) => name === wanted);
  return exact.length > 0 ? exact : spaces.filter(({ name }) => isSameName(name, wanted));
}

function isSameName(left: string, right: string): boolean {
  return left.normalize('NFC').toLowerCase() === right.normalize('NFC').toLowerCase();
}

function describePlace({ spaceName, channelName, channelId }: Place): string {
  return `${shortened(spaceName)}/${shortened(channelName)} (${channelId})`;
}

function describeSpace({ name, spaceId }: Known['spaces'][number]): string {
  return `${shortened(name)} (${spaceId})`;
}

function ambiguous(wanted: string, candidates: readonly string[]): ClientError {
  const message = `Cannot tell which one '${shortened(wanted)}' is: it could be ${listed(candidates)}; name it by its id`;
  return new ClientError(message, { code: 'invalid-input', fields: { candidates: candidates.length } });
}

function notFound(
  what: 'channel' | 'space',
  { wanted, candidates }: { readonly wanted: string; readonly candidates: readonly string[] },
): ClientError {
  const hint = candidates.length === 0 ? 'you are in none' : `there is ${listed(candidates)}`;
  return new ClientError(`Cannot find ${what} '${shortened(wanted)}': ${hint}`, { code: 'invalid-input' });
}

function listed(candidates: readonly string[]): string {
  const shown = candidates.slice(0, CANDIDATES).join(', ');
  return candidates.length > CANDIDATES ? `${shown} and ${candidates.length - CANDIDATES} more` : shown;
}

/** Foreign text in an error: no control characters that steer a terminal, and not much of it. */
function shortened(text: string): string {
  const clean = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
  const characters = Array.from(clean.slice(0, 4 * NAME_CHARACTERS));
  return characters.length > NAME_CHARACTERS ? `${characters.slice(0, NAME_CHARACTERS).join('')}…` : clean;
}

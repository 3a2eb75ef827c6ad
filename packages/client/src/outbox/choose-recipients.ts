// The devices that may read a message now: of everybody who is in the conversation and can be believed, ended ones left
// out. spec: wire-protocol 4.9, 6.5
import { judgeDevice, type MessageRecipient, type Route, type Slug } from '@puffo/protocol';
import { ClientError } from '../client-error.ts';
import type { ClientContext } from '../context.ts';
import type { Directory, Person, PersonProblem } from '../directory/directory.ts';

export interface RecipientSources {
  readonly directory: Pick<Directory, 'getPeople'>;
  /** Who sends. */
  readonly slug: Slug;
  readonly context: ClientContext;
}

export interface Conversation {
  readonly route: Route;
  /** Everybody in it, the sender included. */
  readonly slugs: readonly Slug[];
  /** The server said that a device is missing: ask it again. */
  readonly isFresh: boolean;
}

/** Own devices first. Fails when nobody but the sender could read it, although somebody else should. */
export async function chooseRecipients(
  { directory, slug, context }: RecipientSources,
  { route, slugs, isFresh }: Conversation,
): Promise<readonly MessageRecipient[]> {
  const ordered = [...new Set([slug, ...slugs])];
  const { people, problems } = await directory.getPeople(ordered, { isFresh });
  if (route.kind === 'dm') refuseProblem(problems, route.recipientSlug);
  const others = ordered.filter((other) => other !== slug);
  const devices = ordered.flatMap((each) => usableDevices(people.get(each), context.clock()));
  const reached = new Set(devices.map((device) => device.identity.slug));
  if (devices.length === 0 || (others.length > 0 && !others.some((other) => reached.has(other))))
    throw nobody(problems);
  for (const problem of problems) {
    context.log.warn('recipient-left-out', { slug: problem.slug, code: problem.code });
  }
  const recipients = devices.map(({ deviceId, kemKey }) => ({ deviceId, kemKey }));
  // In the order in which servers keep them; and it tells nobody who came first.
  return recipients.sort((left, right) => (left.deviceId < right.deviceId ? -1 : 1));
}

function usableDevices(person: Person | undefined, at: number) {
  return (person?.devices ?? []).filter((device) => judgeDevice(device, at).kind === 'valid');
}

/** To one person in particular, silence would be no answer. */
function refuseProblem(problems: readonly PersonProblem[], recipient: Slug): void {
  const problem = problems.find(({ slug }) => slug === recipient);
  if (problem === undefined) return;
  throw new ClientError(problem.message, { code: problem.code, fields: { slug: recipient } });
}

function nobody(problems: readonly PersonProblem[]): ClientError {
  const left = problems.length === 0 ? '' : `; ${problems.length} cannot be trusted`;
  return new ClientError(`Cannot send message: nobody in this conversation has a device to read it on${left}`, {
    code: 'no-recipients',
    fields: { problems: problems.length },
  });
}

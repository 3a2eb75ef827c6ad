// Which agents were registered from this machine, beside their keys: `<data>/keys/registered-agents.json`. The daemon finds an
// agent's keys by its slug; this says whose it is and what it is called. spec: daemon-and-cli 1.9
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '@puffo/base';
import type { PrivateFiles } from '@puffo/host';
import { decodeJsonObject, isSlug, type Slug } from '@puffo/protocol';

export interface RegisteredAgent {
  readonly slug: Slug;
  readonly operatorSlug: Slug;
  readonly serverUrl: string;
  readonly deviceId: string;
  readonly displayName: string | undefined;
  /** ms */
  readonly registeredAt: number;
}

const FILE = 'registered-agents.json';
const MAX_CHARACTERS = 1024 * 1024;

/** By slug. Entries that cannot be read are passed over. */
export async function listRegisteredAgents(keyFiles: PrivateFiles): Promise<readonly RegisteredAgent[]> {
  const entries = readEntries(await readObject(keyFiles));
  return entries
    .flatMap((entry) => readAgent(entry) ?? [])
    .toSorted((left, right) => (left.slug < right.slug ? -1 : 1));
}

/** Another entry of the same slug is replaced. */
export async function addRegisteredAgent(keyFiles: PrivateFiles, agent: RegisteredAgent): Promise<void> {
  await changeEntries(keyFiles, (entries) => [
    ...entries.filter((entry) => slugOf(entry) !== agent.slug),
    write(agent),
  ]);
}

export async function removeRegisteredAgent(keyFiles: PrivateFiles, slug: Slug): Promise<void> {
  await changeEntries(keyFiles, (entries) => entries.filter((entry) => slugOf(entry) !== slug));
}

async function changeEntries(
  keyFiles: PrivateFiles,
  change: (entries: readonly JsonValue[]) => readonly JsonValue[],
): Promise<void> {
  await keyFiles.lock(FILE, async () => {
    const object = await readObject(keyFiles);
    const changed = { ...object, version: 1, agents: change(readEntries(object)) };
    await keyFiles.write(FILE, `${JSON.stringify(changed, null, 2)}\n`);
  });
}

async function readObject(keyFiles: PrivateFiles): Promise<JsonObject> {
  const file = await keyFiles.read(FILE);
  return file === undefined
    ? {}
    : decodeJsonObject(file.text, { what: FILE, maxLength: MAX_CHARACTERS, integers: 'any' });
}

function readEntries(object: JsonObject): readonly JsonValue[] {
  const { agents = [] } = object;
  return isJsonArray(agents) ? agents : [];
}

function slugOf(entry: JsonValue): JsonValue | undefined {
  return isJsonObject(entry) ? entry['slug'] : undefined;
}

function write(agent: RegisteredAgent): JsonObject {
  return {
    slug: agent.slug,
    operator_slug: agent.operatorSlug,
    server_url: agent.serverUrl,
    device_id: agent.deviceId,
    display_name: agent.displayName ?? null,
    registered_at: agent.registeredAt,
  };
}

function readAgent(entry: JsonValue): RegisteredAgent | undefined {
  if (!isJsonObject(entry)) return undefined;
  const { slug, operator_slug: operatorSlug, server_url: serverUrl, device_id: deviceId, display_name: name } = entry;
  const { registered_at: registeredAt } = entry;
  if (!isSlug(slug) || !isSlug(operatorSlug) || typeof serverUrl !== 'string' || typeof deviceId !== 'string') {
    return undefined;
  }
  return {
    slug,
    operatorSlug,
    serverUrl,
    deviceId,
    displayName: typeof name === 'string' ? name : undefined,
    registeredAt: typeof registeredAt === 'number' ? registeredAt : 0,
  };
}

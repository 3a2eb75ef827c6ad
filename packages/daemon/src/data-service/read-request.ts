// What a request asks for. Paths are taken apart as they came: nothing resolves `..`, and an encoded slash stays part of an id.
// spec: daemon-and-cli 5.1, 5.2

/** Of ids in paths and questions, decoded. */
const MAX_ID_CHARACTERS = 256;
const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 200;
const INTEGER = /^\s*[+-]?\d{1,20}\s*$/;

export type Lookup =
  | { readonly kind: 'space'; readonly channelId: string }
  | { readonly kind: 'recent'; readonly query: URLSearchParams }
  | { readonly kind: 'message'; readonly envelopeId: string };

export interface Target {
  /** May be no id of an agent. */
  readonly agentId: string;
  readonly lookup: Lookup;
}

/** `undefined`: there is no such path. */
export function parseTarget(url: string): Target | undefined {
  const [path = '', query = ''] = splitOnce(url, '?');
  const parts = decodeParts(path);
  if (parts === undefined) return undefined;
  const [root, version, data, agentId, collection, id, last, ...more] = parts;
  if (root !== '' || version !== 'v1' || data !== 'data' || more.length > 0) return undefined;
  if (agentId === undefined || id === undefined) return undefined;
  if (collection === 'channels' && last === 'space') return { agentId, lookup: { kind: 'space', channelId: id } };
  if (collection !== 'messages' || last !== undefined) return undefined;
  if (id === 'recent') return { agentId, lookup: { kind: 'recent', query: new URLSearchParams(query) } };
  return { agentId, lookup: { kind: 'message', envelopeId: id } };
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function decodeParts(path: string): readonly string[] | undefined {
  try {
    const parts = path.split('/').map((part) => decodeURIComponent(part));
    const areUsable = parts.every((part, at) => at === 0 || (part !== '' && part.length <= MAX_ID_CHARACTERS));
    return areUsable ? parts : undefined;
  } catch {
    // A percent sign that encodes nothing: no path of ours has one.
    return undefined;
  }
}

export type RecentQuestion =
  | { readonly kind: 'question'; readonly channelId: string; readonly limit: number }
  | { readonly kind: 'refused'; readonly error: string };

export function readRecentQuestion(query: URLSearchParams): RecentQuestion {
  const channelId = query.get('channel') ?? '';
  if (channelId === '') return { kind: 'refused', error: 'channel query param required' };
  const text = query.get('limit') ?? String(DEFAULT_LIMIT);
  if (!INTEGER.test(text)) return { kind: 'refused', error: 'limit must be an integer' };
  return { kind: 'question', channelId, limit: Math.min(Math.max(Number(text), 1), MAX_LIMIT) };
}

/** Names of this machine. A page that has made its own name point here says that name. */
const LOCAL_NAMES: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]', 'host.docker.internal']);
const HOST = /^(?<name>\[[0-9a-f:]+\]|[a-z0-9.-]+)(?::\d{1,5})?$/;

export function isLocalHost(host: string | undefined): boolean {
  const name = HOST.exec(host?.toLowerCase() ?? '')?.groups?.['name'];
  return name !== undefined && LOCAL_NAMES.has(name);
}

/** `undefined`: none that could be one. */
export function readBearerToken(authorization: string | undefined): string | undefined {
  const [, token] = /^bearer +([\w-]{1,200})$/i.exec(authorization ?? '') ?? [];
  return token;
}

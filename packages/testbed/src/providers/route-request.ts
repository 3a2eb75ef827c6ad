// Where a path leads, and whose errors answer it.
// spec: runtimes 10.6
import type { ProviderApi, ProviderOperation } from './fake-request.ts';
import type { Route } from './wire/dialect.ts';

export interface RequestLine {
  readonly method: string;
  readonly path: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
}

type Row = readonly [method: string, path: string, api: ProviderApi, operation: ProviderOperation];

/** Without `/v1`: some SDKs add it, others take it from the base URL. */
const ROWS: readonly Row[] = [
  ['POST', '/messages', 'anthropic', 'generate'],
  ['POST', '/messages/count_tokens', 'anthropic', 'count_tokens'],
  ['POST', '/chat/completions', 'openai-chat', 'generate'],
  ['POST', '/responses', 'openai-responses', 'generate'],
];

const GOOGLE_METHODS: Readonly<Record<string, readonly [ProviderOperation, isStream: boolean]>> = {
  generateContent: ['generate', false],
  streamGenerateContent: ['generate', true],
  countTokens: ['count_tokens', false],
};

export function routeRequest(line: RequestLine): Route {
  const url = parsePath(line.path);
  if (line.method === 'HEAD') return plainRoute('none', 'probe');
  return routeGoogle(line, url) ?? routeModels(line, url) ?? routeRow(line, url);
}

/** A path that is none is the root. */
export function parsePath(path: string): URL {
  const text = `http://localhost${path}`;
  return new URL(URL.canParse(text) ? text : 'http://localhost/');
}

function plainRoute(api: ProviderApi, operation: ProviderOperation): Route {
  return { api, operation, model: '', stream: 'no' };
}

/** `/v1beta/models/gemini-2.5-pro:generateContent`. Only Google writes the method behind a colon. */
function routeGoogle({ method }: RequestLine, { pathname, searchParams }: URL): Route | undefined {
  const match = /^(?:\/v1(?:beta|alpha)?)?\/models\/([^/:]+):(\w+)$/.exec(pathname);
  const [operation, isStream] = GOOGLE_METHODS[match?.[2] ?? ''] ?? [];
  if (match === null) return undefined;
  if (method !== 'POST' || operation === undefined) return plainRoute('google', 'unknown');
  const model = decodeURIComponentSafely(match[1] ?? '');
  const stream = isStream === true ? (searchParams.get('alt') === 'sse' ? 'events' : 'array') : 'no';
  return { api: 'google', operation, model, stream };
}

function decodeURIComponentSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A percent sign that escapes nothing: the name is meant as it stands.
    return text;
  }
}

/** Three providers list their models at one path: the headers say who is meant. */
function routeModels(line: RequestLine, { pathname }: URL): Route | undefined {
  const match = /^(\/v1(?:beta|alpha)?)?\/models(?:\/([^/]+))?$/.exec(pathname);
  if (match === null || line.method !== 'GET') return undefined;
  const operation = match[2] === undefined ? 'list_models' : 'get_model';
  const model = decodeURIComponentSafely(match[2] ?? '');
  return { api: guessApi(line), operation, model, stream: 'no' };
}

function routeRow(line: RequestLine, { pathname }: URL): Route {
  const path = pathname.replace(/^\/v1(?=\/)/, '');
  const row = ROWS.find((each) => each[0] === line.method && each[1] === path);
  return row === undefined ? plainRoute(guessApi(line), 'unknown') : plainRoute(row[2], row[3]);
}

/** Whose client asks for a path that does not tell. */
function guessApi({ path, headers }: RequestLine): ProviderApi {
  if (headers['x-goog-api-key'] !== undefined || /^\/v1(beta|alpha)\//.test(path)) return 'google';
  if (headers['x-api-key'] !== undefined || headers['anthropic-version'] !== undefined) return 'anthropic';
  return 'openai-chat';
}

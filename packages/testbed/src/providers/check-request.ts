// What every request has to pass before anybody is asked for an answer, in the order of the real providers: path, key,
// headers, body, model.
import type { ErrorDetails } from './fake-reply.ts';
import type { ProviderApi } from './fake-request.ts';
import { parseJson } from './json-access.ts';
import { findCredential } from './read-credential.ts';
import type { RequestLine } from './route-request.ts';
import { isJsonObject } from '@puffo/base';
import type { Dialect, ReadResult, Route } from './wire/dialect.ts';
import { refuseWith } from './wire/dialect.ts';

export interface RequestRules {
  /** Keys that are good; all when absent. */
  readonly keys: readonly string[] | undefined;
  /** Models that exist; all when absent. */
  readonly models: readonly string[] | undefined;
}

/** Why path or key are refused. */
export function findDoorProblem(line: RequestLine, route: Route, { keys }: RequestRules): ReadResult | undefined {
  if (route.operation === 'probe') return undefined;
  if (route.operation === 'unknown') return refuseWith(unknownPath(line, route.api));
  const credential = findCredential(route.api, line);
  if (credential === undefined) return refuseWith(MISSING_KEY[route.api]);
  if (keys !== undefined && !keys.includes(credential.value)) return refuseWith({ error: 'invalid_key' });
  if (route.api === 'anthropic' && line.headers['anthropic-version'] === undefined) {
    return refuseWith({ error: 'invalid_request', message: 'anthropic-version: header is required' });
  }
  return undefined;
}

const OPENAI_MISSING_KEY: ErrorDetails = {
  error: 'authentication',
  code: '',
  message:
    "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
};

const MISSING_KEY: Readonly<Record<ProviderApi, ErrorDetails>> = {
  anthropic: { error: 'authentication', message: 'x-api-key header is required' },
  'openai-chat': OPENAI_MISSING_KEY,
  'openai-responses': OPENAI_MISSING_KEY,
  none: OPENAI_MISSING_KEY,
  // Google counts nobody as somebody who may not.
  google: {
    error: 'permission',
    message:
      "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.",
  },
};

function unknownPath({ method, path }: RequestLine, api: ProviderApi): ErrorDetails {
  const [pathname] = path.split('?');
  if (api === 'anthropic') return { error: 'model_not_found', message: 'Not Found' };
  if (api === 'google') return { error: 'model_not_found', message: `Path ${pathname} is not served.` };
  return { error: 'invalid_request', status: 404, message: `Invalid URL (${method} ${pathname})` };
}

/** Reads the body as `dialect` does, and refuses models that do not exist. */
export function readBody(
  text: string,
  { dialect, route, rules }: { readonly dialect: Dialect; readonly route: Route; readonly rules: RequestRules },
): ReadResult {
  const raw = parseJson(text);
  if (!isJsonObject(raw)) return refuseWith({ error: 'invalid_request', message: NOT_JSON[route.api] });
  const result = dialect.read(raw, route);
  if (result.kind === 'refused') return result;
  const isKnown = rules.models === undefined || rules.models.includes(result.view.model);
  return isKnown ? result : refuseWith({ error: 'model_not_found' }, 'model');
}

const OPENAI_NOT_JSON =
  'We could not parse the JSON body of your request. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.';

const NOT_JSON: Readonly<Record<ProviderApi, string>> = {
  anthropic: 'The request body is not valid JSON',
  'openai-chat': OPENAI_NOT_JSON,
  'openai-responses': OPENAI_NOT_JSON,
  none: OPENAI_NOT_JSON,
  google: 'Invalid JSON payload received. Unexpected token.',
};

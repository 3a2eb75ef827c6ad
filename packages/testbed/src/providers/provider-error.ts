// The errors of the real providers by name: status, body and headers as each of them sends them.
// spec: runtimes 10.2.5, 10.6
import type { JsonObject } from '@puffo/base';
import type { ErrorDetails } from './fake-reply.ts';
import type { ProviderApi } from './fake-request.ts';

export type ProviderErrorName =
  | 'invalid_request'
  /** The conversation does not fit into the model's window. */
  | 'prompt_too_long'
  /** No money left. */
  | 'billing'
  /** 401. */
  | 'authentication'
  /** What a wrong key really gets: the same as `authentication`, except at Google, where it is a 400. */
  | 'invalid_key'
  | 'permission'
  | 'model_not_found'
  | 'too_large'
  | 'rate_limit'
  | 'server_error'
  /** 529 at Anthropic, 503 elsewhere. */
  | 'overloaded';

export interface ProviderError {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonObject;
}

export interface ErrorContext {
  readonly model: string;
  readonly requestId: string;
  /** The member of the request that is wrong, for OpenAI. */
  readonly param?: string;
}

/** Status, code, message. `{model}` stands for the model of the request. */
type Row = readonly [status: number, code: string, message: string];

const ANTHROPIC: Readonly<Record<ProviderErrorName, Row>> = {
  invalid_request: [400, 'invalid_request_error', 'Invalid request'],
  prompt_too_long: [400, 'invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum'],
  billing: [
    400,
    'invalid_request_error',
    'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.',
  ],
  authentication: [401, 'authentication_error', 'invalid x-api-key'],
  invalid_key: [401, 'authentication_error', 'invalid x-api-key'],
  permission: [403, 'permission_error', 'Your API key does not have permission to use the specified resource.'],
  model_not_found: [404, 'not_found_error', 'model: {model}'],
  too_large: [413, 'request_too_large', 'Request exceeds the maximum size'],
  rate_limit: [
    429,
    'rate_limit_error',
    'This request would exceed the rate limit for your organization of 50 requests per minute.',
  ],
  server_error: [500, 'api_error', 'Internal server error'],
  overloaded: [529, 'overloaded_error', 'Overloaded'],
};

const OPENAI: Readonly<Record<ProviderErrorName, Row>> = {
  invalid_request: [400, '', 'Invalid request.'],
  prompt_too_long: [
    400,
    'context_length_exceeded',
    'Your input exceeds the context window of this model. Please adjust your input and try again.',
  ],
  billing: [429, 'insufficient_quota', 'You exceeded your current quota, please check your plan and billing details.'],
  authentication: [401, 'invalid_api_key', 'Incorrect API key provided.'],
  invalid_key: [401, 'invalid_api_key', 'Incorrect API key provided.'],
  permission: [403, '', 'You have insufficient permissions for this operation.'],
  model_not_found: [404, 'model_not_found', 'The model `{model}` does not exist or you do not have access to it.'],
  too_large: [413, '', 'Maximum content size limit exceeded.'],
  rate_limit: [429, 'rate_limit_exceeded', 'Rate limit reached for {model} on requests per min (RPM).'],
  server_error: [500, '', 'The server had an error while processing your request. Sorry about that!'],
  overloaded: [503, 'server_is_overloaded', 'The server is currently overloaded with other requests.'],
};

/** OpenAI's `type` beside the `code`. */
const OPENAI_TYPES: Readonly<Partial<Record<ProviderErrorName, string>>> = {
  billing: 'insufficient_quota',
  rate_limit: 'requests',
  server_error: 'server_error',
  overloaded: 'service_unavailable_error',
};

const GOOGLE: Readonly<Record<ProviderErrorName, Row>> = {
  invalid_request: [400, 'INVALID_ARGUMENT', 'Request contains an invalid argument.'],
  prompt_too_long: [
    400,
    'INVALID_ARGUMENT',
    'The input token count (1100000) exceeds the maximum number of tokens allowed (1048576).',
  ],
  billing: [429, 'RESOURCE_EXHAUSTED', 'You exceeded your current quota, please check your plan and billing details.'],
  authentication: [401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.'],
  invalid_key: [400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.'],
  permission: [403, 'PERMISSION_DENIED', 'The caller does not have permission'],
  model_not_found: [
    404,
    'NOT_FOUND',
    'models/{model} is not found for API version v1beta, or is not supported for generateContent.',
  ],
  too_large: [413, 'INVALID_ARGUMENT', 'Request payload size exceeds the limit: 20971520 bytes.'],
  rate_limit: [429, 'RESOURCE_EXHAUSTED', 'Resource has been exhausted (e.g. check quota).'],
  server_error: [500, 'INTERNAL', 'An internal error has occurred. Please retry.'],
  overloaded: [503, 'UNAVAILABLE', 'The model is overloaded. Please try again later.'],
};

/** The error `details` names, as the provider of `api` sends it. */
export function buildProviderError(api: ProviderApi, details: ErrorDetails, context: ErrorContext): ProviderError {
  switch (api) {
    case 'anthropic':
      return buildAnthropic(details, context);
    case 'google':
      return buildGoogle(details, context);
    case 'openai-chat':
    case 'openai-responses':
    case 'none':
      return buildOpenai(details, context);
  }
}

function buildAnthropic(details: ErrorDetails, context: ErrorContext): ProviderError {
  const { status, code, message } = readRow(ANTHROPIC, details, context);
  return {
    status,
    headers: { 'request-id': context.requestId, ...retryAfter(details) },
    body: { type: 'error', error: { type: code, message }, request_id: context.requestId },
  };
}

function buildOpenai(details: ErrorDetails, context: ErrorContext): ProviderError {
  const { status, code, message } = readRow(OPENAI, details, context);
  const type = OPENAI_TYPES[details.error] ?? 'invalid_request_error';
  return {
    status,
    headers: { 'x-request-id': context.requestId, ...retryAfter(details) },
    body: { error: { message, type, param: context.param ?? null, code: code === '' ? null : code } },
  };
}

function buildGoogle(details: ErrorDetails, context: ErrorContext): ProviderError {
  const { status, code, message } = readRow(GOOGLE, details, context);
  const more = googleDetails(details);
  const body = { error: { code: status, message, status: code, ...(more.length > 0 ? { details: more } : {}) } };
  return { status, headers: {}, body };
}

function readRow(
  rows: Readonly<Record<ProviderErrorName, Row>>,
  details: ErrorDetails,
  { model }: ErrorContext,
): { readonly status: number; readonly code: string; readonly message: string } {
  const [status, code, message] = rows[details.error];
  return {
    status: details.status ?? status,
    code: details.code ?? code,
    message: details.message ?? message.replace('{model}', () => model),
  };
}

function retryAfter({ retryAfterSeconds }: ErrorDetails): Readonly<Record<string, string>> {
  return retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
}

/** Google has no header for it: how long to wait stands in the body. */
function googleDetails({ error, retryAfterSeconds }: ErrorDetails): readonly JsonObject[] {
  const found: JsonObject[] = [];
  if (error === 'invalid_key') {
    found.push({
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      reason: 'API_KEY_INVALID',
      domain: 'googleapis.com',
      metadata: { service: 'generativelanguage.googleapis.com' },
    });
  }
  if (retryAfterSeconds !== undefined) {
    found.push({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${retryAfterSeconds}s` });
  }
  return found;
}

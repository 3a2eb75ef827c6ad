// Keys as clients send them. The fake takes every key that is there, or only those that the test names.
import type { Credential, ProviderApi } from './fake-request.ts';
import { parsePath, type RequestLine } from './route-request.ts';

/** The key that the provider of `api` would look at. */
export function findCredential(api: ProviderApi, line: RequestLine): Credential | undefined {
  switch (api) {
    case 'anthropic':
      return findHeader(line, 'x-api-key') ?? findBearer(line);
    case 'google':
      return findHeader(line, 'x-goog-api-key') ?? findQueryKey(line) ?? findBearer(line);
    case 'openai-chat':
    case 'openai-responses':
      return findBearer(line);
    case 'none':
      return findHeader(line, 'x-api-key') ?? findHeader(line, 'x-goog-api-key') ?? findBearer(line);
  }
}

function findHeader({ headers }: RequestLine, source: 'x-api-key' | 'x-goog-api-key'): Credential | undefined {
  const value = headers[source];
  return value === undefined || value === '' ? undefined : { source, value };
}

function findBearer({ headers }: RequestLine): Credential | undefined {
  const value = /^Bearer +(\S+)$/i.exec(headers['authorization'] ?? '')?.[1];
  return value === undefined ? undefined : { source: 'authorization', value };
}

function findQueryKey({ path }: RequestLine): Credential | undefined {
  const value = parsePath(path).searchParams.get('key');
  return value === null || value === '' ? undefined : { source: 'query', value };
}

// Where a server is, and how a request target is put behind it. What is signed leaves out the prefix of a relay.
// spec: wire-protocol 5.3, 5.4
import { ClientError } from '../client-error.ts';

export interface ServerAddress {
  /** Origin and prefix, without a slash at the end. */
  readonly serverUrl: string;
  /** `/relay`, or empty. */
  readonly prefix: string;
}

export interface RequestAddress {
  /** Goes on the wire character by character. */
  readonly url: string;
  /** Goes into the signature: path and query, relative to the server's address. */
  readonly target: string;
}

export function parseServerAddress(serverUrl: string): ServerAddress {
  const url = parseUrl(serverUrl);
  if (url === undefined) throw unusable('it is no URL; write it like https://chat.example.org');
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw unusable('it must begin with https:// or http://');
  if (url.username !== '' || url.password !== '') throw unusable('it must not hold a name or a password');
  if (url.search !== '' || url.hash !== '') throw unusable('it must end with its path, without ? and #');
  const prefix = url.pathname.replace(/\/+$/, '');
  return { serverUrl: url.origin + prefix, prefix };
}

/** `path`: as `buildPath` makes it. It is normalised once, here, so that what is signed is what is sent. */
export function addressRequest({ serverUrl, prefix }: ServerAddress, path: string): RequestAddress {
  const url = parseUrl(serverUrl + path);
  const whole = url === undefined ? '' : url.pathname + url.search;
  if (url === undefined || !whole.startsWith(`${prefix}/`)) {
    throw new ClientError('Cannot send request: its path leaves the address of the server', { code: 'invalid-input' });
  }
  return { url: url.origin + whole, target: whole.slice(prefix.length) };
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

/** The address itself is not repeated: it may hold a password. */
function unusable(problem: string): ClientError {
  const fields = { field: 'serverUrl' };
  return new ClientError(`Cannot use the server's address: ${problem}`, { code: 'invalid-input', fields });
}

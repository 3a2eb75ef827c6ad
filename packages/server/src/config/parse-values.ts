// Text from the command line or the environment to values. `undefined`: it does not fit.
import { resolve } from 'node:path';
import type { SignupPolicy } from './settings.ts';

const MAX_PORT = 65_535;
const MAX_COUNT = 1_000_000_000;
const MIN_TOKEN_CHARACTERS = 16;
const DIGITS = /^\d{1,10}$/;
const HOST = /^[\w.:%-]+$/;
const IDENTIFIER = /^[a-z_][a-z0-9_]{0,62}$/;
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const ADDRESS_WITH_SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;
const DEFAULT_REGION = 'us-east-1';

export type DatabaseChoice = { readonly kind: 'sqlite' } | { readonly kind: 'postgres'; readonly url: string };

/** `s3` without its keys, which are settings of their own. */
export type BlobChoice =
  | { readonly kind: 'disk'; readonly folder: string }
  | { readonly kind: 's3'; readonly endpoint: string; readonly bucket: string; readonly region: string };

export function parseHost(text: string): string | undefined {
  return HOST.test(text) ? text : undefined;
}

export function parsePort(text: string): number | undefined {
  return parseWhole(text, 0, MAX_PORT);
}

/** A whole number above 0. */
export function parseCount(text: string): number | undefined {
  return parseWhole(text, 1, MAX_COUNT);
}

export function parseYesNo(text: string): boolean | undefined {
  if (['yes', 'true', '1', 'on'].includes(text.toLowerCase())) return true;
  return ['no', 'false', '0', 'off'].includes(text.toLowerCase()) ? false : undefined;
}

export function parseSignup(text: string): SignupPolicy | undefined {
  return text === 'open' || text === 'invite' || text === 'closed' ? text : undefined;
}

export function parseLogLevel(text: string): 'debug' | 'info' | 'warn' | 'error' | 'silent' | undefined {
  return text === 'debug' || text === 'info' || text === 'warn' || text === 'error' || text === 'silent'
    ? text
    : undefined;
}

export function parseFolder(text: string): string | undefined {
  return ADDRESS_WITH_SCHEME.test(text) ? undefined : resolve(text);
}

export function parseDatabase(text: string): DatabaseChoice | undefined {
  if (text === 'sqlite') return { kind: 'sqlite' };
  const url = parseUrl(text);
  if (url === undefined || !['postgres:', 'postgresql:'].includes(url.protocol)) return undefined;
  const hasName = url.pathname.length > 1;
  return url.hostname !== '' && hasName ? { kind: 'postgres', url: text } : undefined;
}

export function parseIdentifier(text: string): string | undefined {
  return IDENTIFIER.test(text) ? text : undefined;
}

/** `s3://BUCKET?endpoint=URL&region=REGION` or a folder. */
export function parseBlobStore(text: string): BlobChoice | undefined {
  if (!ADDRESS_WITH_SCHEME.test(text)) return { kind: 'disk', folder: resolve(text) };
  const url = parseUrl(text);
  const isBare = url !== undefined && url.username === '' && url.password === '' && ['', '/'].includes(url.pathname);
  if (url?.protocol !== 's3:' || !isBare || !BUCKET.test(url.hostname)) return undefined;
  if ([...url.searchParams.keys()].some((name) => name !== 'endpoint' && name !== 'region')) return undefined;
  const region = url.searchParams.get('region') ?? DEFAULT_REGION;
  const endpoint = parseWebAddress(url.searchParams.get('endpoint') ?? `https://s3.${region}.amazonaws.com`);
  return endpoint === undefined ? undefined : { kind: 's3', bucket: url.hostname, endpoint, region };
}

/** Without a slash at its end. */
export function parseWebAddress(text: string): string | undefined {
  const url = parseUrl(text);
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) return undefined;
  const isBare = url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  return isBare ? url.href.replace(/\/$/, '') : undefined;
}

/** Comma separated, each as a browser spells it. */
export function parseOrigins(text: string): readonly string[] | undefined {
  const origins = text.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]));
  const isRight = origins.every((origin) => parseWebAddress(origin) === origin && new URL(origin).origin === origin);
  return isRight ? origins : undefined;
}

/** Any text: a password, a key. */
export function parseSecret(text: string): string | undefined {
  return text;
}

export function parseToken(text: string): string | undefined {
  return text.length >= MIN_TOKEN_CHARACTERS ? text : undefined;
}

function parseWhole(text: string, min: number, max: number): number | undefined {
  const value = DIGITS.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

// Which proxy, if any, stands between this machine and an address: HTTP_PROXY, HTTPS_PROXY and NO_PROXY in both spellings,
// read as curl and Python read them. One rule for requests and sockets.
import { BlockList, isIP } from 'node:net';
import { ClientError } from '../client-error.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The proxy for an absolute http, https, ws or wss URL. It may hold a password. */
export type ProxyRule = (url: string) => URL | undefined;

const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;
const DEFAULT_PORTS = new Map([
  ['http:', '80'],
  ['ws:', '80'],
  ['https:', '443'],
  ['wss:', '443'],
]);

/** Throws for a proxy that cannot be used, so that nobody is bypassed by a slip. */
export function createProxyRule(environment: Environment): ProxyRule {
  const plainProxy = readProxy(environment, 'HTTP_PROXY');
  const secureProxy = readProxy(environment, 'HTTPS_PROXY');
  const exceptions = readExceptions(readVariable(environment, 'NO_PROXY') ?? '');
  return (address) => {
    const url = new URL(address);
    const host = bareHost(url);
    if (isLoopback(host)) return undefined;
    const port = url.port === '' ? (DEFAULT_PORTS.get(url.protocol) ?? '') : url.port;
    if (exceptions.some((exception) => exception({ host, port }))) return undefined;
    return url.protocol === 'https:' || url.protocol === 'wss:' ? secureProxy : plainProxy;
  };
}

/** `Basic …`, when the proxy asks for a name. */
export function proxyAuthorization({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

/** The lower-case spelling wins, as elsewhere. */
function readVariable(environment: Environment, name: string): string | undefined {
  const value = environment[name.toLowerCase()] ?? environment[name];
  return value === undefined || value.trim() === '' ? undefined : value.trim();
}

function readProxy(environment: Environment, name: string): URL | undefined {
  const value = readVariable(environment, name);
  if (value === undefined) return undefined;
  const text = SCHEME.test(value) ? value : `http://${value}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw unusable(name, 'it is no URL; write it like http://proxy.example.org:3128');
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw unusable(name, `only http:// and https:// proxies are supported, not ${url.protocol}//`);
  }
  return url;
}

function unusable(name: string, problem: string): ClientError {
  return new ClientError(`Cannot use ${name}: ${problem}`, { code: 'invalid-input', fields: { field: name } });
}

interface Target {
  /** Lower case, without brackets. */
  readonly host: string;
  readonly port: string;
}

type Exception = (target: Target) => boolean;

function readExceptions(text: string): readonly Exception[] {
  return text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .map(readException);
}

function readException(entry: string): Exception {
  if (entry === '*') return () => true;
  if (entry.includes('/')) return readNetwork(entry);
  const { name, port } = splitPort(entry);
  const domain = name.replace(/^\*?\./, '');
  return (target) =>
    (port === undefined || port === target.port) && (target.host === domain || target.host.endsWith(`.${domain}`));
}

/** `10.0.0.0/8`: for addresses written as such; names are not looked up. */
function readNetwork(entry: string): Exception {
  const [address = '', bits = ''] = entry.split('/', 2);
  const family = isIP(address);
  if (family === 0 || !/^[0-9]{1,3}$/.test(bits) || Number(bits) > (family === 4 ? 32 : 128)) return () => false;
  const network = new BlockList();
  network.addSubnet(address, Number(bits), family === 4 ? 'ipv4' : 'ipv6');
  return ({ host }) => isIP(host) === family && network.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

/** `[::1]:80`, `::1`, `host:80`, `host`. */
function splitPort(entry: string): { readonly name: string; readonly port: string | undefined } {
  const bracketed = /^\[([^\]]*)\](?::([0-9]+))?$/.exec(entry);
  if (bracketed !== null) return { name: bracketed[1] ?? '', port: bracketed[2] };
  if (isIP(entry) === 6) return { name: entry, port: undefined };
  const [, name = entry, port] = /^(.*):([0-9]+)$/.exec(entry) ?? [];
  return { name, port };
}

function bareHost({ hostname }: URL): string {
  return hostname
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
}

/** A proxy's own loopback is somewhere else. */
function isLoopback(host: string): boolean {
  if (host === 'localhost' || host.endsWith('.localhost') || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}

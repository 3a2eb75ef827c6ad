// From what Node says when no answer comes to what a person can do about it.
import { ClientError } from '../client-error.ts';

interface Reason {
  readonly text: string;
  /** Absent: it may have been sent. */
  readonly sent?: false;
  /** Absent: it may be different in a moment. */
  readonly isLasting?: true;
}

const NOT_TRUSTED: Reason = {
  text: 'its certificate is not trusted; check the address, or name its authority in NODE_EXTRA_CA_CERTS',
  sent: false,
  isLasting: true,
};

const REASONS: ReadonlyMap<string, Reason> = new Map([
  ['ECONNREFUSED', { text: 'nothing listens there; check the address and that the server runs', sent: false }],
  ['ENOTFOUND', { text: 'no such host; check the address and the network', sent: false }],
  ['EAI_AGAIN', { text: 'its name cannot be looked up; check the network', sent: false }],
  ['ENETUNREACH', { text: 'there is no way to its network' }],
  ['EHOSTUNREACH', { text: 'there is no way to it' }],
  ['ETIMEDOUT', { text: 'it does not answer' }],
  ['ECONNRESET', { text: 'the connection was closed' }],
  ['EPIPE', { text: 'the connection was closed' }],
  ['UND_ERR_SOCKET', { text: 'the connection was closed' }],
  ['UND_ERR_CONNECT_TIMEOUT', { text: 'it does not take connections; check the address', sent: false }],
  [
    'UND_ERR_ABORTED',
    { text: 'the proxy refuses to connect to it; check HTTPS_PROXY, HTTP_PROXY and NO_PROXY', sent: false },
  ],
  ['CERT_HAS_EXPIRED', { ...NOT_TRUSTED, text: 'its certificate has expired' }],
  ['ERR_TLS_CERT_ALTNAME_INVALID', { ...NOT_TRUSTED, text: 'its certificate is for another name; check the address' }],
  ['UND_ERR_PRX_TLS', { ...NOT_TRUSTED, text: 'the certificate of the proxy is for another name' }],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', NOT_TRUSTED],
  ['SELF_SIGNED_CERT_IN_CHAIN', NOT_TRUSTED],
  ['UNABLE_TO_GET_ISSUER_CERT', NOT_TRUSTED],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', NOT_TRUSTED],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', NOT_TRUSTED],
  ['CERT_UNTRUSTED', NOT_TRUSTED],
  ['EPROTO', { text: 'it does not speak TLS; check whether the address begins with http:// or https://' }],
  ['ERR_SSL_WRONG_VERSION_NUMBER', { text: 'it does not speak TLS; check the address', sent: false }],
]);

export interface Way {
  readonly origin: string;
  readonly proxy: URL | undefined;
}

export function toUnreachable({ origin, proxy }: Way, cause: unknown): ClientError {
  const code = codeOf(cause);
  const reason = REASONS.get(code);
  const text = reason?.text ?? 'no answer came';
  // What failed while connecting was not sent, whatever its code.
  const isUnsent = reason?.sent === false || isConnecting(cause);
  const way = proxy === undefined ? origin : `${origin} through the proxy ${proxy.host}`;
  return new ClientError(`Cannot reach ${way}: ${text}`, {
    code: 'unreachable',
    retryable: reason?.isLasting !== true,
    cause,
    fields: { origin, reason: code, ...(isUnsent ? { sent: false } : {}) },
  });
}

/** Several addresses of one host fail as one error that holds the others. */
function codeOf(error: unknown): string {
  const own = member(error, 'code');
  if (typeof own === 'string' && /^[A-Z0-9_]{1,64}$/.test(own)) return own;
  const [first] = error instanceof AggregateError ? (error.errors as readonly unknown[]) : [];
  return first === undefined ? 'UNKNOWN' : codeOf(first);
}

function isConnecting(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.every(isConnecting);
  const syscall = member(error, 'syscall');
  return syscall === 'connect' || syscall === 'getaddrinfo';
}

function member(value: unknown, name: 'code' | 'syscall'): unknown {
  if (typeof value !== 'object' || value === null || !(name in value)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}

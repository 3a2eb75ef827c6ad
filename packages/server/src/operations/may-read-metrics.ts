// Numbers say how many people are here and when: they are for the administrator.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Headers by which a proxy says that the caller is somebody else. */
const PROXY_HEADERS = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];
const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/;

export interface MetricsRequest {
  readonly headers: IncomingHttpHeaders;
  /** The other end of the connection itself. */
  readonly peerAddress: string | undefined;
}

/** With a token: whoever has it. Without: this machine, when no proxy stands between. */
export function mayReadMetrics({ headers, peerAddress }: MetricsRequest, token: string | undefined): boolean {
  if (token !== undefined) return isSame(headers.authorization ?? '', `Bearer ${token}`);
  return LOOPBACK.test(peerAddress ?? '') && PROXY_HEADERS.every((name) => headers[name] === undefined);
}

/** Takes the same time wherever they differ. */
function isSame(left: string, right: string): boolean {
  return timingSafeEqual(hash(left), hash(right));
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

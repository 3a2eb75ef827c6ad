// Registrations are rarer than requests, and dearer. Derived from what the operator of the server allows per minute.
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';

const HOUR_MS = 60 * 60_000;
/** 20 people per hour and address at the default of 600 requests per minute. */
const REQUESTS_PER_SIGNUP = 30;
/** 60 agents per hour and operator at the default of 6000 requests per minute. */
const REQUESTS_PER_AGENT = 100;

type Limits = Pick<ServerContext, 'settings' | 'limiter'>;

export async function limitSignups(context: Limits, address: string): Promise<void> {
  const limit = Math.ceil(context.settings.limits.perAddress / REQUESTS_PER_SIGNUP);
  await take(context, { key: `signup ${address}`, limit });
}

export async function limitAgents(context: Limits, operatorSlug: string): Promise<void> {
  const limit = Math.ceil(context.settings.limits.perIdentity / REQUESTS_PER_AGENT);
  await take(context, { key: `agents ${operatorSlug}`, limit });
}

async function take({ limiter }: Limits, { key, limit }: { key: string; limit: number }): Promise<void> {
  const retryAfterSeconds = await limiter.take(key, { limit, windowMs: HOUR_MS });
  if (retryAfterSeconds === undefined) return;
  throw new ServerError('RATE_LIMITED', 'Cannot register: too many registrations', { retryAfterSeconds });
}

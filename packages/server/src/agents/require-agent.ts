import type { Caller } from '../auth/caller.ts';
import { ServerError } from '../errors.ts';

/** Only agents report what they do. spec: wire-protocol 9.27, 11.3 */
export function requireAgent({ identityType }: Caller): void {
  if (identityType !== 'agent') throw new ServerError('FORBIDDEN', 'Only agents report a status');
}

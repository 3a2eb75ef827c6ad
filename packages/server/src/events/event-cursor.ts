import { ServerError } from '../errors.ts';

const CURSOR = /^[0-9]{1,15}$/;

/** A position in the log of events, in decimal; absent: its start. spec: wire-protocol 9.18 */
export function readCursor(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (CURSOR.test(cursor)) return Number(cursor);
  throw new ServerError('INVALID_PAYLOAD', 'Cannot read cursor: it is not one of this server');
}

// Why a `/subscribe` connection ended, and what a client does then. spec: wire-protocol 10.7

/** In every case a client waits at least a second first, with growing pauses after repeated failures. */
export type CloseAction = 'reconnect' | 'rotate-subkey' | 'stop';

export interface CloseCodeRow {
  readonly code: number;
  readonly name: string;
  readonly meaning: string;
  readonly action: CloseAction;
}

export const CLOSE_CODES = [
  {
    code: 1000,
    name: 'normal',
    meaning: 'a client has nothing more to say; servers never use it, since 0.7.2 reconnects without a pause',
    action: 'reconnect',
  },
  { code: 1001, name: 'going-away', meaning: 'as 1000; servers restart with 1012 instead', action: 'reconnect' },
  { code: 1006, name: 'abnormal', meaning: 'the connection broke; never sent', action: 'reconnect' },
  { code: 1008, name: 'policy', meaning: 'a malformed frame, or repeated violations', action: 'reconnect' },
  { code: 1009, name: 'too-large', meaning: 'a frame above the limit', action: 'reconnect' },
  { code: 1011, name: 'internal', meaning: 'an internal error', action: 'reconnect' },
  { code: 1012, name: 'restart', meaning: 'the server restarts', action: 'reconnect' },
  { code: 1013, name: 'try-later', meaning: 'the server is overloaded', action: 'reconnect' },
  { code: 4400, name: 'no-connect', meaning: 'the first frame is late or no connect frame', action: 'reconnect' },
  { code: 4401, name: 'unauthorized', meaning: 'the connect frame proves nothing', action: 'rotate-subkey' },
  { code: 4403, name: 'revoked', meaning: 'the device is revoked or the identity retired', action: 'stop' },
  { code: 4408, name: 'silent', meaning: 'nothing was heard for too long', action: 'reconnect' },
] as const satisfies readonly CloseCodeRow[];

export type CloseCodeName = (typeof CLOSE_CODES)[number]['name'];

/** What a client does after `code`. An unknown code is no reason to give up. */
export function closeActionOf(code: number): CloseAction {
  return CLOSE_CODES.find((row) => row.code === code)?.action ?? 'reconnect';
}

/** The number to close with: `closeCodeOf('restart')`. */
export function closeCodeOf(name: CloseCodeName): number {
  const row = CLOSE_CODES.find((candidate) => candidate.name === name);
  if (row === undefined) throw new TypeError(`Cannot find close code: no row is called '${name}'`);
  return row.code;
}

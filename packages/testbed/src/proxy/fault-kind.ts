// Everything that a flaky network, and a server that is overtaxed, can do to those who speak to each other.
import type { CLOSE_CODES } from '@puffo/protocol';

/** To an HTTP request. */
export const REQUEST_FAULTS = [
  /** The proxy answers, and the server never hears of it. */
  'refuse-401',
  'refuse-429',
  'refuse-503',
  /** The server does as it is asked; the proxy throws its answer away and gives another one. */
  'mask-401',
  'mask-429',
  'mask-503',
  /** The connection ends before the server hears of the request. */
  'drop-request',
  /** The connection ends after the server has answered; nothing of the answer arrives. */
  'drop-answer',
  /** The connection ends in the middle of the body. */
  'truncate-answer',
  'delay-answer',
  /** The answer waits until `heal`, or for `stallMs`. */
  'stall-answer',
] as const;

/** To the request that a WebSocket begins with: those of the above that make sense there. */
export const UPGRADE_FAULTS = [
  'refuse-401',
  'refuse-429',
  'refuse-503',
  'drop-request',
  'delay-answer',
  'stall-answer',
] as const satisfies readonly (typeof REQUEST_FAULTS)[number][];

/** The proxy closes the client's socket with this code, in place of a frame. spec: wire-protocol 10.7 */
type CloseFault = `close-${Exclude<(typeof CLOSE_CODES)[number]['code'], 1006>}`;

const CLOSE_FAULTS = [
  'close-1000',
  'close-1001',
  'close-1008',
  'close-1009',
  'close-1011',
  'close-1012',
  'close-1013',
  'close-4400',
  'close-4401',
  'close-4403',
  'close-4408',
] as const satisfies readonly CloseFault[];

/** To a WebSocket frame from the server. */
export const SERVER_FRAME_FAULTS = [
  /** The first half of the frame arrives, then the connection ends. */
  'cut-server-frame',
  /** This one arrives later, and those behind it too. */
  'delay-server-frame',
  'duplicate-frame',
  /** The frame arrives behind the next one of its type. */
  'reorder-frames',
  /** Nothing passes in either direction until `heal`, or for `stallMs`. */
  'stall-socket',
  ...CLOSE_FAULTS,
] as const;

/** To a WebSocket frame from the client. */
export const CLIENT_FRAME_FAULTS = ['cut-client-frame', 'delay-client-frame'] as const;

export type RequestFault = (typeof REQUEST_FAULTS)[number];
export type ServerFrameFault = (typeof SERVER_FRAME_FAULTS)[number];
export type ClientFrameFault = (typeof CLIENT_FRAME_FAULTS)[number];

/** What happens by probability or on request. */
export type FaultKind = RequestFault | ServerFrameFault | ClientFrameFault;

/** `cut-connection`: by `cutAll`. */
export type CountedFault = FaultKind | 'cut-connection';

/** The code of a close fault. */
export function findCloseCode(kind: FaultKind): number | undefined {
  return kind.startsWith('close-') ? Number(kind.slice('close-'.length)) : undefined;
}

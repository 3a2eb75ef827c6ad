// Rungs 1 and 2 of the golden path: from the text of a frame to a frame. spec: wire-protocol 10.2, 10.5
import { decodeJson, decodeServerFrame, ProtocolError, type ServerFrame } from '@puffo/protocol';

/** What the reference takes, in bytes; the text of as many bytes has at most as many characters. */
export const MAX_FRAME_BYTES = 1024 * 1024;

export type ReadFrame =
  | { readonly kind: 'frame'; readonly frame: ServerFrame }
  | { readonly kind: 'malformed'; readonly code: string; readonly field: string | undefined };

export function readFrame(text: string): ReadFrame {
  try {
    return { kind: 'frame', frame: decodeServerFrame(decodeJson(text, { what: 'frame', maxLength: MAX_FRAME_BYTES })) };
  } catch (error) {
    if (error instanceof ProtocolError) return { kind: 'malformed', code: error.code, field: error.field };
    throw error;
  }
}

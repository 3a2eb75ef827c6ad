// Tells connected devices, on this node and on others, that something was committed. A hint only: the tables are the
// truth, and a socket that missed a hint finds everything there. spec: wire-protocol 8.6, 10.5
import type { DeviceId, EnvelopeId, ServerFrameInput, Slug } from '@puffo/protocol';

/** A message whose row and deliveries are committed. */
export interface CommittedMessage {
  readonly envelopeId: EnvelopeId;
  readonly seq: number;
  /** JSON text of the envelope with an empty `recipients`. */
  readonly envelope: string;
  /** Each device that was newly listed, with the JSON text of its entry. */
  readonly deliveries: readonly { readonly deviceId: DeviceId; readonly entry: string }[];
}

export interface Hub {
  /** Call after the commit, before or after answering. */
  deliver(message: CommittedMessage): void;
  /** Sends a frame to every socket of these people. */
  notify(slugs: readonly Slug[], frame: ServerFrameInput): void;
  /**
   * The device was given everything pending up to `throughSeq` over HTTP (0: nothing was pending), so that its sockets go
   * on from there and repeat nothing. Not for filtered answers. spec: wire-protocol 10.4, 10.6
   */
  fetched(deviceId: DeviceId, throughSeq: number): void;
  /** The device acknowledged over HTTP: its sockets have room for the next ones. */
  acknowledged(deviceId: DeviceId, envelopeIds: readonly EnvelopeId[]): void;
  /** Ends the sockets of a device (revoked) or of an identity (retired, disabled) with the code for it. */
  disconnect(target: { readonly deviceId: DeviceId } | { readonly slug: Slug }): void;
}

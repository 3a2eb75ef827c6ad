// What differs between Node and browsers: how bytes get out and in. `node/` and `browser/` make one each.

export interface TransportRequest {
  readonly method: string;
  /** Absolute; sent as it is, character by character. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Empty: none. */
  readonly body: Uint8Array;
  /** Aborted in any case when the request has no reader any more. */
  readonly signal: AbortSignal;
}

export interface TransportAnswer {
  readonly status: number;
  /** By lower-case name. */
  readonly header: (name: string) => string | undefined;
  /** To be read once; a reader that stops early gives up the rest. */
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * One HTTP exchange. Never follows a redirect: its 3xx is the answer. Rejects when no answer comes; the signal's reason when
 * it is aborted. A `ClientError` with `fields.sent: false` says that certainly nothing was sent, so that it may be repeated.
 */
export type Transport = (request: TransportRequest) => Promise<TransportAnswer>;

export interface SocketHandlers {
  readonly onOpen: () => void;
  /** Text frames only; a binary one ends the socket. */
  readonly onText: (text: string) => void;
  /** Once, whatever happened; 1006 when the connection broke or never was. */
  readonly onClose: (code: number, reason: string) => void;
}

export interface Socket {
  /** Not after `onClose`. */
  send(text: string): void;
  /** `onClose` follows soon, also when the other side does not answer. */
  close(code: number): void;
}

export interface SocketOptions {
  /** `wss://…/subscribe` */
  readonly url: string;
  /** A frame above it ends the socket with 1009. */
  readonly maxFrameBytes: number;
}

/** Starts to connect, and returns at once. */
export type OpenSocket = (options: SocketOptions, handlers: SocketHandlers) => Socket;

export interface Platform extends AsyncDisposable {
  readonly transport: Transport;
  readonly openSocket: OpenSocket;
}

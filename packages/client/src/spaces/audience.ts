// Who reads a conversation. spec: wire-protocol 6.5, 9.16, 10.5
import type { Route, ServerFrame, Slug } from '@puffo/protocol';

export interface Audience {
  /** The sender included. From memory while young. */
  getSlugs(route: Route): Promise<readonly Slug[]>;
  /** The server said that it is not right any more. */
  forget(route: Route): void;
  /** What frames say about members; any frame may be passed. */
  noteFrame(frame: ServerFrame): void;
}

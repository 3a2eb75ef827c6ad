import type { ServerFrameInput, Slug } from '@puffo/protocol';
import type { Hub } from '../../src/realtime/hub.ts';
import type { TestServer } from './test-server.ts';

export interface RecordedHub {
  readonly notified: { readonly slugs: readonly Slug[]; readonly frame: ServerFrameInput }[];
  readonly disconnected: Parameters<Hub['disconnect']>[0][];
}

/** Stands between the handlers and the sockets, and writes down what the handlers say. */
export function recordHub(server: TestServer): RecordedHub {
  const recorded: RecordedHub = { notified: [], disconnected: [] };
  const { hub } = server.context;
  const recording: Hub = {
    ...hub,
    notify(slugs, frame) {
      recorded.notified.push({ slugs, frame });
      hub.notify(slugs, frame);
    },
    disconnect(target) {
      recorded.disconnected.push(target);
      hub.disconnect(target);
    },
  };
  Object.assign(server.context, { hub: recording });
  return recorded;
}

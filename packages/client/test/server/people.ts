// People of a real server with all parts of the client, everything in memory.
import { createCloser, silentLogger, systemClock, systemRandom } from '@puffo/base';
import { createWrapPool, type IdentityKeys, type VerifiedMessage } from '@puffo/protocol';
import { startNetworkServer } from '@puffo/testbed';
import { signUp } from '../../src/accounts/sign-up.ts';
import { createMemoryDirectoryStore } from '../../src/memory/memory-directory-store.ts';
import { createMemoryMailboxStore } from '../../src/memory/memory-mailbox-store.ts';
import { createMemoryOutboxStore } from '../../src/memory/memory-outbox-store.ts';
import { createMemorySessionStore } from '../../src/memory/memory-session-store.ts';
import { createNodePlatform } from '../../src/node/create-node-platform.ts';
import { type Client, openClient } from '../../src/open-client.ts';
import type { Platform } from '../../src/platform.ts';

export const context = { clock: systemClock, random: systemRandom, log: silentLogger };

export interface RealServer extends AsyncDisposable {
  readonly url: string;
  readonly platform: Platform;
  signUp(username: string): Promise<Client>;
  /** Another run, or another device, with empty stores. */
  open(keys: IdentityKeys): Client;
}

export async function startRealServer(): Promise<RealServer> {
  const closer = createCloser();
  const server = closer.use(await startNetworkServer());
  const platform = closer.use(createNodePlatform({ environment: {} }));
  const wrapPool = closer.use(createWrapPool({ threads: 0 }));

  function open(keys: IdentityKeys): Client {
    const stores = {
      session: createMemorySessionStore(),
      directory: createMemoryDirectoryStore(),
      mailbox: createMemoryMailboxStore(),
      outbox: createMemoryOutboxStore(),
    };
    return closer.use(openClient({ keys, platform, context, stores, wrapPool }));
  }

  return {
    url: server.url,
    platform,
    open,
    async signUp(username) {
      return open(await signUp({ platform, context, serverUrl: server.url, inviteCode: 'none', username }));
    },
    [Symbol.asyncDispose]: () => closer[Symbol.asyncDispose](),
  };
}

/** Everything that is pending, believed, and acknowledged. */
export async function readPending(client: Client): Promise<readonly VerifiedMessage[]> {
  const messages: VerifiedMessage[] = [];
  await using mailbox = client.openPending();
  for await (const inbound of mailbox.inbound) {
    if (inbound.kind === 'message') messages.push(inbound.message);
    else throw new Error(`unreadable: ${inbound.reason}`);
    mailbox.acknowledge([inbound.envelopeId]);
  }
  await mailbox.caughtUp();
  return messages;
}

/** From both sides: a space with a private channel in which both are. */
export async function meet(host: Client, guest: Client) {
  const spaceId = await host.spaces.createSpace({ name: 'Team' });
  const channelId = await host.channels.createChannel({ spaceId, name: 'plans' });
  await host.invites.inviteToSpace({ spaceId, slug: guest.slug, channelIds: [channelId] });
  const [invite] = await guest.invites.listInvites();
  if (invite === undefined) throw new Error('no invitation arrived');
  await guest.invites.acceptInvite(invite);
  return { kind: 'channel', spaceId, channelId } as const;
}

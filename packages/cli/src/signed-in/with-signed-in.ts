// What a command gets that acts as somebody: their keys, their record of messages, and a client. Everything is closed when the
// command ends.
import { createCloser } from '@puffo/base';
import { type Client, openClient, type Platform } from '@puffo/client';
import { createNodePlatform } from '@puffo/client/node';
import { type ClientDatabase, openClientDatabase } from '@puffo/client/sqlite';
import type { IdentityKeys } from '@puffo/protocol';
import type { Call, CommandDefinition, Outcome } from '../command.ts';
import { getIdentity } from '../identity/choose-identity.ts';
import { type DataFolder, openDataFolder } from '../identity/data-folder.ts';
import { createOutboxTurn, type OutboxTurn } from '../messages/outbox-turn.ts';
import { type RowWatch, watchRows } from '../messages/row-watch.ts';
import { createLog } from './create-log.ts';
import { warnOfAlerts } from './warn-of-alerts.ts';

export interface SignedInCall extends Pick<Client, 'spaces' | 'channels' | 'invites' | 'places' | 'attachments'> {
  readonly call: Call;
  readonly folder: DataFolder;
  readonly keys: IdentityKeys;
  readonly platform: Platform;
  readonly client: Client;
  readonly database: ClientDatabase;
  readonly rows: RowWatch;
  readonly outboxTurn: OutboxTurn;
}

type Run = CommandDefinition['run'];

export function signedIn(run: (call: SignedInCall) => Promise<Outcome | undefined>): Run {
  return async (call) => {
    await using closer = createCloser();
    const { now: clock, random, env } = call.world;
    const context = { clock, random, log: createLog(call) };
    const folder = openDataFolder(call.world, context);
    const keys = await getIdentity(folder, call.globals);
    const platform = closer.use(createNodePlatform({ environment: env }));
    const databasePath = await folder.makeDatabasePath(keys.slug);
    const database = closer.use(await openClientDatabase(databasePath, { ownSlug: keys.slug, clock }));
    const outboxTurn = closer.use(createOutboxTurn(folder.files, keys.slug));
    const session = folder.keys.sessionStoreOf(keys.slug);
    const client = closer.use(openClient({ keys, platform, context, stores: { ...database, session } }));
    const recording = closer.use(recordWhatIsSent(client, database));
    closer.defer(warnOfAlerts(client.directory, call.terminal));
    const rows = watchRows(client.outbox);
    closer.defer(rows.stop);
    const { spaces, channels, invites, places, attachments } = client;
    const services = { spaces, channels, invites, places, attachments };
    const outcome = await run({ call, folder, keys, platform, client, database, rows, outboxTurn, ...services });
    await recording.settle();
    return outcome;
  };
}

interface Recording extends AsyncDisposable {
  /** Resolves when everything that was sent until now is in the record. */
  settle(): Promise<void>;
}

/** What leaves stands in its conversation, also what an earlier run had left in the outbox. */
function recordWhatIsSent({ outbox }: Client, { messages }: ClientDatabase): Recording {
  let writing: Promise<void> = Promise.resolve();
  const stop = outbox.onChange((row) => {
    if (row.state !== 'sent') return;
    const before = writing;
    writing = (async () => {
      await before;
      await messages.recordSent(row);
    })();
    // Reported by `settle`: until then nobody listens.
    writing.catch(() => undefined);
  });
  return {
    settle: () => writing,
    async [Symbol.asyncDispose]() {
      stop();
      await writing;
    },
  };
}

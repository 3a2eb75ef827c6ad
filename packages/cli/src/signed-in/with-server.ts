// What a command gets that has no identity yet: a server, and where to keep what comes of it.
import type { ClientContext, Platform } from '@puffo/client';
import { createNodePlatform } from '@puffo/client/node';
import { CliError } from '../cli-error.ts';
import type { Call, CommandDefinition, Outcome } from '../command.ts';
import { parseServerUrl } from '../identity/choose-identity.ts';
import { type DataFolder, openDataFolder } from '../identity/data-folder.ts';
import { readCliSettings } from '../identity/settings-file.ts';
import { createLog } from './create-log.ts';

export interface ServerCall {
  readonly call: Call;
  readonly folder: DataFolder;
  readonly platform: Platform;
  readonly context: ClientContext;
  readonly serverUrl: string;
}

export function withServer(run: (call: ServerCall) => Promise<Outcome>): CommandDefinition['run'] {
  return async (call) => {
    const { now: clock, random, env } = call.world;
    const context = { clock, random, log: createLog(call) };
    const folder = openDataFolder(call.world, context);
    const serverUrl = await chooseServer(call, folder);
    await using platform = createNodePlatform({ environment: env });
    // Awaited here: the platform is closed when this function ends.
    return await run({ call, folder, platform, context, serverUrl });
  };
}

/** What is typed, else the environment, else the server of the last time. */
async function chooseServer({ globals, world }: Call, { files }: DataFolder): Promise<string> {
  const fromEnvironment = world.env['PUFFO_SERVER_URL'];
  const named = globals.server ?? (fromEnvironment === '' ? undefined : fromEnvironment);
  if (named !== undefined) return parseServerUrl(named);
  const { serverUrl } = await readCliSettings(files);
  if (serverUrl !== undefined) return serverUrl;
  throw new CliError('usage', 'Cannot choose a server: give --server, or set PUFFO_SERVER_URL');
}

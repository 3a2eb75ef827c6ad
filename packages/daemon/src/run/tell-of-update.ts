// spec: daemon-and-cli 2.9
import type { Logger } from '@puffo/base';
import { checkUpdate, type VersionChannel } from '../operations/check-update.ts';

interface UpdateNotice {
  readonly version: string;
  readonly channel: VersionChannel;
  readonly logger: Logger;
}

/** Beside everything else. Never fails. */
export async function tellOfUpdate({ version, channel, logger }: UpdateNotice): Promise<void> {
  const { latest, isBehind } = await checkUpdate(version, channel);
  if (latest === undefined) return;
  if (isBehind) logger.warn('update-available', { version, latest, command: 'npm install --global @puffo/cli@latest' });
  else logger.info('up-to-date', { version });
}

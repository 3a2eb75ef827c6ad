// `daemon.yml` as it is now. A file that cannot be used changes nothing. spec: daemon-and-cli 1.4, D-20
import { isDeepStrictEqual } from 'node:util';
import type { DaemonConfig } from '@puffo/agent/config';
import type { Clock, Logger } from '@puffo/base';
import { type DaemonFile, readDaemonFile } from '../home/daemon-file.ts';
import type { Home } from '../home/home.ts';
import { type FileStamp, isSameStamp, isSettled, readStamp } from './file-stamp.ts';
import { createOnceLog } from './once-log.ts';

export interface DaemonFileWatch {
  readonly config: DaemonConfig;
  /** Looks at the file. What the configuration was before, if it is another one now. */
  refresh(): Promise<DaemonConfig | undefined>;
}

export interface DaemonFileWatchOptions {
  readonly home: Home;
  readonly initial: DaemonFile;
  readonly clock: Clock;
  readonly logger: Logger;
}

export function watchDaemonFile({ home, initial, clock, logger }: DaemonFileWatchOptions): DaemonFileWatch {
  const said = createOnceLog();
  let { config } = initial;
  let known: { readonly stamp: FileStamp | undefined; readonly isSettled: boolean } | undefined;

  function warn(text: string): void {
    if (said.isNew('', text)) logger.warn('daemon-file-problem', { problem: text });
  }

  for (const warning of initial.warnings) warn(warning);
  return {
    get config() {
      return config;
    },
    async refresh() {
      try {
        const stamp = readStamp(home.daemonFile);
        if (known?.isSettled === true && isSameStamp(known.stamp, stamp)) return undefined;
        const file = await readDaemonFile(home);
        known = { stamp, isSettled: isSettled(stamp, clock()) };
        for (const warning of file.warnings) warn(warning);
        if (isDeepStrictEqual(file.config, config)) return undefined;
        const before = config;
        config = file.config;
        return before;
      } catch (error) {
        warn(error instanceof Error ? error.message : 'it cannot be read');
        return undefined;
      }
    },
  };
}

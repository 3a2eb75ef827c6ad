// What a daemon writes down: everything into one file, what concerns an agent into its own one too, and a short form for the
// person who looks on. Lines wait in memory and are written in batches: nobody ever waits for the disk.
// spec: daemon-and-cli 7.1, D-30
import { type Clock, createLogger, type LogFields, type Logger } from '@puffo/base';
import type { Home } from '../home/home.ts';
import { createLineWriter, type WriterLimits } from './line-writer.ts';
import type { LogLevel } from './log-level.ts';
import { agentLogPath, daemonLogPath } from './log-paths.ts';

export interface DaemonLogs extends AsyncDisposable {
  /** Of the daemon itself. */
  readonly logger: Logger;
  /** Names the agent in each line. */
  loggerOf(agentId: string): Logger;
  /** Lines that no file holds: the disk was full, or slower than what was logged. */
  readonly droppedLines: number;
  /** Resolves when everything that was logged before is in its file, or was given up. */
  flush(): Promise<void>;
}

export interface DaemonLogsOptions {
  readonly home: Pick<Home, 'folder'>;
  readonly clock: Clock;
  readonly level: LogLevel;
  readonly stderr: { write(text: string): unknown };
  readonly limits?: Partial<WriterLimits>;
}

/** Nothing is made before something is logged. */
export function createDaemonLogs({ home, clock, level, stderr, limits }: DaemonLogsOptions): DaemonLogs {
  const loggers = new Map<string, Logger>();
  const writer = createLineWriter({
    ...limits,
    onFailure(path, reason) {
      tell(`Cannot write ${path} (${reason}): check that the disk has room; what cannot be written is not kept`);
    },
    onRecovery: (count) => logger.warn('log-lines-dropped', { count }),
  });

  /** Nobody may read along any more; that is no reason for agents to end. */
  function tell(line: string): void {
    try {
      stderr.write(`${line}\n`);
    } catch {
      // The files have it.
    }
  }

  function createLoggerTo(paths: readonly string[]): Logger {
    const shared = { level, now: clock };
    const file = createLogger({
      ...shared,
      isTerminal: false,
      write(line) {
        for (const path of paths) writer.add(path, line);
      },
    });
    return both(createLogger({ ...shared, isTerminal: true, write: tell }), file);
  }

  const logger = createLoggerTo([daemonLogPath(home)]);
  return {
    logger,
    loggerOf(agentId) {
      const known = loggers.get(agentId);
      if (known !== undefined) return known;
      const own = agentLogPath(home, agentId);
      const paths = own === undefined ? [daemonLogPath(home)] : [daemonLogPath(home), own];
      const created = nameAgent(createLoggerTo(paths), agentId);
      loggers.set(agentId, created);
      return created;
    },
    get droppedLines() {
      return writer.droppedLines;
    },
    flush: () => writer.flush(),
    [Symbol.asyncDispose]: () => writer[Symbol.asyncDispose](),
  };
}

type Write = (event: string, fields?: LogFields) => void;

function both(first: Logger, second: Logger): Logger {
  function at(level: keyof Logger): Write {
    return (event, fields) => {
      first[level](event, fields);
      second[level](event, fields);
    };
  }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** First in the line, and not to be replaced by a field of the same name. */
function nameAgent(logger: Logger, agent: string): Logger {
  const name = { agent };
  function at(level: keyof Logger): Write {
    return (event, fields) => logger[level](event, { ...name, ...fields, ...name });
  }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

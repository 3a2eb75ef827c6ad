import { createLogger, type Logger, silentLogger } from '@puffo/base';
import type { Call } from '../command.ts';

/** Silent unless PUFFO_CLI_LOG_LEVEL says otherwise; what a person must know is told in any case. */
export function createLog({ world, terminal }: Pick<Call, 'world' | 'terminal'>): Logger {
  const level = world.env['PUFFO_CLI_LOG_LEVEL'];
  const isChosen = level === 'debug' || level === 'info' || level === 'warn' || level === 'error';
  const log = isChosen
    ? createLogger({ level, now: world.now, write: terminal.note, isTerminal: world.stderr.isTTY === true })
    : silentLogger;
  return {
    ...log,
    warn(event, fields) {
      log.warn(event, fields);
      if (event !== 'secret-file-was-exposed') return;
      const file = String(fields?.['file'] ?? 'a file of keys');
      const advice = 'it is closed now, but whoever read it can be you: revoke this device if that matters';
      terminal.note(terminal.notePaint.yellow(`Warning: other users of this machine could read ${file}; ${advice}`));
    },
  };
}

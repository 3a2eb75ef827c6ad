// The daemon itself: heavy, for `puffo-agent start` only.
export type { DaemonOptions, DaemonOverrides } from './daemon-options.ts';
export { runDaemon } from './run-daemon.ts';
export { createSupervisor, type SupervisorOptions } from '../supervisor/create-supervisor.ts';
export { watchDaemonFile } from '../supervisor/watch-daemon-file.ts';

// The daemon itself: heavy, for `puffo-agent start` only.
export type { DaemonOptions, DaemonOverrides } from './daemon-options.ts';
export { runDaemon } from './run-daemon.ts';

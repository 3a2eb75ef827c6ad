// How commands ask a running daemon.
export { callDaemon, type DaemonCall, type DaemonReply } from './call-daemon.ts';
export type { ControlInputs, ControlResults, OperationName } from './control-operations.ts';
export type { LiveAgent } from '../supervisor/supervisor.ts';

// Where a home is, and what every command needs of it; light to load, because commands start often.
export { DaemonError, type DaemonErrorCode } from '../daemon-error.ts';
export type { OperationContext } from '../operations/context.ts';
export type { DaemonProcess } from '../pid/daemon-process.ts';
export { findHomeOf } from './find-home-of.ts';
export { createHome, type Home } from './home.ts';
export { repairModes } from './repair-modes.ts';
export { findIgnoredHome, type HomeSources, resolveHome } from './resolve-home.ts';

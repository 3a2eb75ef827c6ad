export { defaultSettings } from './config/read-settings.ts';
export type { Settings } from './config/settings.ts';
export { openDatabase } from './db/open-database.ts';
export { type RunningServer, type ServerOverrides, startServer } from './start-server.ts';

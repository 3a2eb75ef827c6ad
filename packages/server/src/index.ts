export { DEFAULT_RATES, DEFAULT_RETENTION, type Settings } from './config/settings.ts';
export { openDatabase } from './db/open-database.ts';
export { type RunningServer, type ServerOverrides, startServer } from './start-server.ts';

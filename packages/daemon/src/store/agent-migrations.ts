import type { Migrations } from '@puffo/sql';
import { initial } from './migrations/001-initial.ts';

/** In order. A migration that was released is never changed; a change is a new one. */
export const AGENT_MIGRATIONS: Migrations = { '001-initial': initial };

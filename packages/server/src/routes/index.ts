// The table of all routes.
import { ACCOUNT_ROUTES } from './accounts/index.ts';
import type { Route } from './define-route.ts';
import { AGENT_ROUTES } from './agents/index.ts';
import { BLOB_ROUTES } from './blobs/index.ts';
import { MESSAGE_ROUTES } from './messages/index.ts';
import { SPACE_ROUTES } from './spaces/index.ts';
import { TRUST_LIST_ROUTES } from './trust-lists/index.ts';
import { HEALTH_ROUTES } from './health/index.ts';

export const ROUTES: readonly Route[] = [
  ...ACCOUNT_ROUTES,
  ...HEALTH_ROUTES,
  ...AGENT_ROUTES,
  ...BLOB_ROUTES,
  ...MESSAGE_ROUTES,
  ...SPACE_ROUTES,
  ...TRUST_LIST_ROUTES,
];

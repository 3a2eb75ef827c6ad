import type { Route } from '../define-route.ts';
import { allow } from './allow.ts';
import { block } from './block.ts';
import { listAllowed } from './list-allowed.ts';
import { listBlocked } from './list-blocked.ts';
import { unblock } from './unblock.ts';

export const TRUST_LIST_ROUTES: readonly Route[] = [allow, listAllowed, block, listBlocked, unblock];

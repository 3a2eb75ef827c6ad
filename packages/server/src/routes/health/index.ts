import type { Route } from '../define-route.ts';
import { getHealth } from './get-health.ts';

export const HEALTH_ROUTES: readonly Route[] = [getHealth];

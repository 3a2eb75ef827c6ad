import { defineRoute } from '../define-route.ts';
import { VERSION } from '../../version.ts';

/** Alive, and what time it is here. spec: wire-protocol 9.31 */
export const getHealth = defineRoute('getHealth', async ({ context }) => ({
  ok: true,
  version: VERSION,
  time: context.now(),
}));

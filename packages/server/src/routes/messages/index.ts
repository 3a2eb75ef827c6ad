// Messages are sealed here, always: `sendPlaintext` and `listHistory` have no route and answer 404.
// spec: wire-protocol 14.4
import type { Route } from '../define-route.ts';
import { acknowledgeMessages } from './acknowledge-messages.ts';
import { listPending } from './list-pending.ts';
import { sendFresh } from './send-fresh.ts';
import { sendMessage } from './send-message.ts';

export const MESSAGE_ROUTES: readonly Route[] = [sendMessage, sendFresh, listPending, acknowledgeMessages];

// spec: wire-protocol 9.9
import { insertEnrolment } from '../../accounts/enrolment-store.ts';
import { ServerError } from '../../errors.ts';
import { defineRoute } from '../define-route.ts';

export const startEnrolment = defineRoute('startEnrolment', async ({ context, body }) => {
  const now = context.now();
  const isNew = await context.database.write((transaction) => insertEnrolment(transaction, { enrolment: body, now }));
  if (isNew) return { ok: true as const };
  throw new ServerError('CONFLICT', 'Cannot begin enrolment: its nonce is in use', { field: 'nonce' });
});

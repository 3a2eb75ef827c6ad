// spec: wire-protocol 4.12, 9.9
import { Readable } from 'node:stream';
import { getEnrolmentRow } from '../../accounts/enrolment-store.ts';
import { defineRoute, JsonStream } from '../define-route.ts';

export const getEnrolment = defineRoute('getEnrolment', async ({ context, params }) => {
  const { bundle } = await getEnrolmentRow(context.database.db, { nonce: params.nonce, now: context.now() });
  if (bundle === null) return { status: 'pending' };
  // The text as it is stored: certificates are served member for member.
  return new JsonStream(Readable.from([`{"status":"complete","bundle":${bundle}}`]));
});

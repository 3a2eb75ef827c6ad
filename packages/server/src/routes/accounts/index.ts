// Registration, keys, certificates and profiles. spec: wire-protocol 9.2-9.12
import type { Route } from '../define-route.ts';
import { bindSlug } from './bind-slug.ts';
import { checkInviteCode } from './check-invite-code.ts';
import { completeEnrolment } from './complete-enrolment.ts';
import { getEnrolment } from './get-enrolment.ts';
import { listProfiles } from './list-profiles.ts';
import { registerAgent } from './register-agent.ts';
import { registerSubkey } from './register-subkey.ts';
import { revokeAgent } from './revoke-agent.ts';
import { revokeDevice } from './revoke-device.ts';
import { signUp } from './sign-up.ts';
import { startEnrolment } from './start-enrolment.ts';
import { syncCerts } from './sync-certs.ts';
import { updateProfile } from './update-profile.ts';

export const ACCOUNT_ROUTES: readonly Route[] = [
  checkInviteCode,
  signUp,
  bindSlug,
  registerAgent,
  revokeAgent,
  registerSubkey,
  revokeDevice,
  startEnrolment,
  completeEnrolment,
  getEnrolment,
  syncCerts,
  listProfiles,
  updateProfile,
];

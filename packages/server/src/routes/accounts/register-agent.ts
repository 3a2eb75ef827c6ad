// spec: wire-protocol 9.5
import { limitAgents } from '../../accounts/limit-registrations.ts';
import { registerAgentOf } from '../../accounts/register-agent.ts';
import { checkAgent } from '../../accounts/registration.ts';
import { verifyKeyOf } from '../../accounts/stored-key.ts';
import { ServerError } from '../../errors.ts';
import { defineRoute } from '../define-route.ts';

export const registerAgent = defineRoute('registerAgent', async ({ context, body, caller }) => {
  if (caller.identityType !== 'human') {
    throw new ServerError('FORBIDDEN', 'Cannot register agent: only a person can be an operator');
  }
  await limitAgents(context, caller.slug);
  const { random } = context;
  const now = context.now();
  const registration = checkAgent(body, { operatorKey: verifyKeyOf(caller.rootPublicKey), now });
  const { slug, deviceId, token, expiresAt } = await context.database.write((transaction) =>
    registerAgentOf(transaction, { registration, operator: caller, random, now }),
  );
  return { agent_slug: slug, agent_device_id: deviceId, pending_token: token, pending_expires_at: expiresAt };
});

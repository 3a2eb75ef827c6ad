// A person makes an agent, vouches for it, and ends it. spec: wire-protocol 4.11, 4.13, 9.5, 9.6
import {
  generateIdentity,
  type IdentityKeys,
  issueOperatorAttestation,
  issueOperatorRevocation,
  type Slug,
} from '@puffo/protocol';
import { ClientError } from '../client-error.ts';
import type { ClientContext } from '../context.ts';
import type { Directory } from '../directory/directory.ts';
import type { HttpClient } from '../http/http-client.ts';
import type { Session } from '../session/session.ts';
import { finishRegistration, isTokenGone, type RegistrationParts, reserve } from './finish-registration.ts';
import { formatRegistration, type KeepRegistration, parseRegistration, type Registration } from './registration.ts';
import { repeatCall } from './repeat-call.ts';

/** The operator's client is one. */
export interface Operator {
  readonly http: HttpClient;
  readonly session: Pick<Session, 'keys'>;
  readonly context: ClientContext;
}

export interface AgentToRegister {
  readonly username: string;
  /** Called before each step with what is needed to go on. Absent: a crash on the way costs the slug. */
  readonly keepPending?: KeepRegistration | undefined;
  /** What `keepPending` was given last, by a registration that did not end. */
  readonly pending?: string | undefined;
}

/** The keys of the agent: to be kept before anything else is done with them. Its first subkey is its daemon's to make. */
export async function registerAgent(operator: Operator, agent: AgentToRegister): Promise<IdentityKeys> {
  const { http, context } = operator;
  const parts: RegistrationParts = { http, context, keep: agent.keepPending };
  const registration = await begin(operator, agent);
  if (registration.reserved === null) return requestSlug(registration, parts);
  try {
    return await finishRegistration(registration, parts);
  } catch (error) {
    if (!isTokenGone(error)) throw error;
    return requestSlug(registration, parts);
  }
}

async function begin(operator: Operator, agent: AgentToRegister): Promise<Registration> {
  const { http, session, context } = operator;
  const operatorKey = session.keys.rootKey;
  if (agent.pending !== undefined) {
    const registration = parseRegistration(agent.pending);
    const vouching = registration.attestation?.['operator_root_public_key'];
    if (registration.serverUrl === http.serverUrl && vouching === operatorKey.verifyKey.publicKey) return registration;
    throw new ClientError('Cannot go on with the registration: it began at another server, or is not yours', {
      code: 'invalid-input',
    });
  }
  const { random } = context;
  const issuedAt = context.clock();
  const identity = generateIdentity({ operatorKey: operatorKey.verifyKey, issuedAt, random });
  const attestation = issueOperatorAttestation(operatorKey, { agentKey: identity.rootKey.verifyKey, issuedAt, random });
  const registration: Registration = {
    serverUrl: http.serverUrl,
    username: agent.username.toLowerCase(),
    identity,
    attestation,
    reserved: null,
  };
  await agent.keepPending?.(formatRegistration(registration));
  return registration;
}

/** The same agent again gets the same slug, and its token as long as one is needed. */
async function requestSlug(registration: Registration, parts: RegistrationParts): Promise<IdentityKeys> {
  const { identity, username, attestation } = registration;
  if (attestation === null) throw new TypeError('an agent is registered without an attestation');
  const { identityCert: identity_cert, deviceCert: device_cert } = identity;
  const body = { username, identity_cert, device_cert, attestation };
  const answer = await repeatCall(() => parts.http.call('registerAgent', { body }), parts.context);
  const given = { slug: answer.agent_slug, deviceId: answer.agent_device_id, token: answer.pending_token ?? null };
  return finishRegistration(await reserve(registration, { ...parts, given }), parts);
}

/** For ever: its devices stop, it leaves all spaces, its slug is never given again. */
export async function revokeAgent(
  operator: Operator & { readonly directory: Pick<Directory, 'getPeople'> },
  slug: Slug,
): Promise<void> {
  const { http, session, context, directory } = operator;
  const { people, problems } = await directory.getPeople([slug]);
  const identity = people.get(slug)?.identity;
  if (identity === undefined) {
    const [problem] = problems;
    throw new ClientError(problem?.message ?? `Cannot revoke agent: there is no '${slug}'`, {
      code: problem?.code ?? 'unknown-person',
    });
  }
  const operatorKey = session.keys.rootKey;
  if (identity.operatorKey?.publicKey !== operatorKey.verifyKey.publicKey) {
    throw new ClientError(`Cannot revoke '${slug}': it is not an agent of yours`, { code: 'invalid-input' });
  }
  const now = context.clock();
  const { rootKey: agentKey } = identity;
  const revocation = issueOperatorRevocation(operatorKey, {
    agentKey,
    issuedAt: now,
    effectiveFrom: now,
    random: context.random,
  });
  await http.call('revokeAgent', { params: { slug }, body: revocation });
}

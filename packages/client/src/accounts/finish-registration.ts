// The second half of every registration: the root key binds the slug that the server gave. spec: wire-protocol 4.10, 9.4
import { type IdentityKeys, issueSlugBinding, type Slug } from '@puffo/protocol';
import { ClientError } from '../client-error.ts';
import type { ClientContext } from '../context.ts';
import type { HttpClient } from '../http/http-client.ts';
import { formatRegistration, type KeepRegistration, type Registration, toIdentityKeys } from './registration.ts';

export interface RegistrationParts {
  readonly http: HttpClient;
  readonly context: ClientContext;
  readonly keep: KeepRegistration | undefined;
}

/** What the server answered. */
export interface GivenSlug {
  readonly slug: Slug;
  readonly deviceId: string;
  /** `null`: nothing is left to do. */
  readonly token: string | null;
}

/** Signs the binding once, and keeps it before it leaves: the server takes the same one again, and no other. */
export async function reserve(
  registration: Registration,
  { given, context, keep }: Pick<RegistrationParts, 'context' | 'keep'> & { readonly given: GivenSlug },
): Promise<Registration> {
  const { rootKey, deviceId } = registration.identity;
  const { slug, token } = given;
  if (given.deviceId !== deviceId) {
    throw new ClientError('Cannot finish registration: the server names another device', { code: 'answer-invalid' });
  }
  const before = registration.reserved;
  const slugBinding =
    before?.slug === slug ? before.slugBinding : issueSlugBinding(rootKey, { slug, issuedAt: context.clock() });
  const reserved = { ...registration, reserved: { slug, token, slugBinding } };
  await keep?.(formatRegistration(reserved));
  return reserved;
}

/** May be repeated. */
export async function finishRegistration(
  registration: Registration,
  { http, context }: RegistrationParts,
): Promise<IdentityKeys> {
  const { reserved } = registration;
  if (reserved === null) throw new TypeError('a registration is finished before it has a slug');
  const { slug, token, slugBinding } = reserved;
  if (token !== null) await http.call('bindSlug', { body: { pending_token: token, slug_binding: slugBinding } });
  context.log.info('registered', { slug });
  return toIdentityKeys(registration, reserved);
}

/** The token of then does not work any more: another one may be had. */
export function isTokenGone(error: unknown): boolean {
  return error instanceof ClientError && (error.status === 404 || error.status === 410);
}

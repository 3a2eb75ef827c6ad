// Every HTTP endpoint, as data: servers route by it, clients call by it, tests walk it. The rows stand with their
// schemas, one noun per file. spec: wire-protocol 9, 14
import { AGENT_ENDPOINTS } from './agents.ts';
import { BLOB_ENDPOINTS } from './blobs.ts';
import { CERT_ENDPOINTS } from './certs.ts';
import { CHANNEL_ENDPOINTS } from './channels.ts';
import { DEVICE_ENDPOINTS } from './devices.ts';
import { EVENT_ENDPOINTS } from './events.ts';
import { FRESH_SEND_ENDPOINTS } from './fresh-send.ts';
import { HEALTH_ENDPOINTS } from './health.ts';
import { IDENTITY_ENDPOINTS } from './identities.ts';
import { INVITE_LINK_ENDPOINTS } from './invite-links.ts';
import { INVITE_ENDPOINTS } from './invites.ts';
import { MESSAGE_ENDPOINTS } from './messages.ts';
import { PLAINTEXT_MESSAGE_ENDPOINTS } from './plaintext-messages.ts';
import { RUN_ENDPOINTS } from './runs.ts';
import { SIGNUP_ENDPOINTS } from './signup.ts';
import { SPACE_ENDPOINTS } from './spaces.ts';
import { TRUST_LIST_ENDPOINTS } from './trust-lists.ts';

export const ENDPOINTS = [
  ...SIGNUP_ENDPOINTS,
  ...CERT_ENDPOINTS,
  ...AGENT_ENDPOINTS,
  ...DEVICE_ENDPOINTS,
  ...IDENTITY_ENDPOINTS,
  ...SPACE_ENDPOINTS,
  ...CHANNEL_ENDPOINTS,
  ...EVENT_ENDPOINTS,
  ...INVITE_ENDPOINTS,
  ...INVITE_LINK_ENDPOINTS,
  ...MESSAGE_ENDPOINTS,
  ...FRESH_SEND_ENDPOINTS,
  ...PLAINTEXT_MESSAGE_ENDPOINTS,
  ...RUN_ENDPOINTS,
  ...TRUST_LIST_ENDPOINTS,
  ...BLOB_ENDPOINTS,
  ...HEALTH_ENDPOINTS,
] as const;

export type Endpoint = (typeof ENDPOINTS)[number];
export type EndpointName = Endpoint['name'];
export type EndpointNamed<Name extends EndpointName> = Extract<Endpoint, { readonly name: Name }>;

/** The row of `name`, with its own schemas: `parseBody(getEndpoint('signUp'), …)` has the members of a sign-up. */
export function getEndpoint<Name extends EndpointName>(name: Name): EndpointNamed<Name> {
  const found = ENDPOINTS.find((endpoint): endpoint is EndpointNamed<Name> => endpoint.name === name);
  if (found === undefined) throw new TypeError(`Cannot find endpoint: no row is called '${name}'`);
  return found;
}

// The keys of one device, and the subkey that acts for it now. The only writer of the subkey. spec: wire-protocol 5.5
import type { DeviceId, IdentityKeys, SessionKeys, Slug, SubkeyId } from '@puffo/protocol';
import type { CredentialSource, SubkeyCredentials } from '../http/http-client.ts';

/** Where the current subkey is kept. Secret. */
export interface SessionStore {
  /** Rejects with a `ProtocolError` when there is something that cannot be understood: it is replaced then. */
  load(): Promise<SessionKeys | undefined>;
  /** Whole or not at all, and durable when it resolves. */
  save(keys: SessionKeys): Promise<void>;
  /** Runs `work` while no other process renews: loading again inside shows what another one saved. Absent: there is none. */
  exclusively?<Result>(work: () => Promise<Result>): Promise<Result>;
}

export interface Session extends CredentialSource {
  readonly slug: Slug;
  readonly deviceId: DeviceId;
  readonly keys: IdentityKeys;
  /** A subkey with more than five minutes to live, renewed before if need be. One renewal at a time. */
  getSubkey(): Promise<SubkeyCredentials>;
  /** After the server refused `refused`: another one, unless it was renewed meanwhile. */
  renewSubkey(refused: SubkeyId): Promise<SubkeyCredentials>;
}

export { completeEnrolment } from './accounts/complete-enrolment.ts';
export { type DeviceParts, listDevices, type OwnDevice, revokeDevice } from './accounts/devices.ts';
export {
  type EnrolledDevice,
  type EnrolmentToAwait,
  type EnrolmentToStart,
  type StartedEnrolment,
  startEnrolment,
  waitForEnrolment,
} from './accounts/enrol-device.ts';
export { type EnrolmentCode, enrolmentFingerprint, parseEnrolmentCode } from './accounts/enrolment-code.ts';
export { rootFingerprintText } from './accounts/fingerprint-text.ts';
export { findProfile, type ProfileChange, updateProfile } from './accounts/profiles.ts';
export { type AgentToRegister, type Operator, registerAgent, revokeAgent } from './accounts/register-agent.ts';
export type { KeepRegistration } from './accounts/registration.ts';
export { type SignUp, signUp } from './accounts/sign-up.ts';
export type {
  Attachments,
  AttachmentsMessage,
  DownloadedFile,
  DownloadOptions,
  FileToUpload,
  TransferOptions,
} from './attachments/attachments.ts';
export { createAttachments } from './attachments/create-attachments.ts';
export { type BrowserPlatformOptions, createBrowserPlatform } from './browser/create-browser-platform.ts';
export { ClientError, type ClientErrorCode, type ClientErrorOptions } from './client-error.ts';
export type { ClientStores } from './client-stores.ts';
export type { Connection, ConnectionEvent, ConnectionState } from './connection/connection.ts';
export { type ConnectionOptions, createConnection } from './connection/create-connection.ts';
export type { Sleep } from './connection/pause.ts';
export type { ClientContext } from './context.ts';
export { createDirectory, type DirectoryOptions } from './directory/create-directory.ts';
export type { Directory, DirectoryAlert, Person, PersonProblem } from './directory/directory.ts';
export type { DirectoryStore, StoredCerts, StoredProfile } from './directory/directory-store.ts';
export { createHttpClient, type HttpClientOptions } from './http/create-http-client.ts';
export type { CallOf, CallOptions, CredentialSource, HttpClient, SubkeyCredentials } from './http/http-client.ts';
export { createMailbox, type MailboxDirectory, type MailboxOptions } from './mailbox/create-mailbox.ts';
export type { Inbound, Mailbox, MailboxStore, UnreadableReason } from './mailbox/mailbox.ts';
export { createMemoryDirectoryStore } from './memory/memory-directory-store.ts';
export { createMemoryOutboxStore } from './memory/memory-outbox-store.ts';
export { createMemorySessionStore } from './memory/memory-session-store.ts';
export { type Client, type ClientOptions, openClient } from './open-client.ts';
export { createOutbox, type OutboxOptions } from './outbox/create-outbox.ts';
export { createMemoryMailboxStore, type MemoryMailboxStore } from './memory/memory-mailbox-store.ts';
export type { Outbox, OutgoingMessage, QueuedMessage, SentMessage } from './outbox/outbox.ts';
export type { OutboxRow, OutboxStore, OutgoingContent, SealedRow } from './outbox/outbox-store.ts';
export { type AnsweredMessage, resolveThreadRoot } from './outbox/resolve-thread-root.ts';
export type {
  OpenSocket,
  Platform,
  Socket,
  SocketHandlers,
  SocketOptions,
  Transport,
  TransportAnswer,
  TransportRequest,
} from './platform.ts';
export { deviceCredentialsOf } from './session/device-credentials.ts';
export { openSession, type SessionOptions } from './session/open-session.ts';
export type { Session, SessionStore } from './session/session.ts';
export type { Audience } from './spaces/audience.ts';
export { type ChannelPlace, type Channels, type ChannelToCreate, createChannels } from './spaces/channels.ts';
export { createAudience } from './spaces/create-audience.ts';
export { createPlaces, type Place, type Places, type PlacesOptions } from './spaces/create-places.ts';
export { createInvites, type Invites, type InviteToAnswer, type SpaceInvite } from './spaces/invites.ts';
export type { EventParts } from './spaces/post-events.ts';
export { createSpaces, type Spaces } from './spaces/spaces.ts';

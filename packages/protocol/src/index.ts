export { type AgentState, type AgentStatus } from './api/agents.ts';
export type { OpenEnum, ReadableList } from './api/answer-fields.ts';
export { buildPath, type RequestTarget } from './api/build-path.ts';
export type { CertEntry, CertKind } from './api/certs.ts';
export type { ChannelEntry, ChannelMemberEntry } from './api/channels.ts';
export type { EnrolmentBundle } from './api/devices.ts';
export type {
  AnswerInputOf,
  AnswerOf,
  BodyInputOf,
  BodyOf,
  EndpointDefinition,
  HttpMethod,
  ParamsOf,
  QueryOf,
} from './api/endpoint.ts';
export { type Endpoint, type EndpointName, type EndpointNamed, ENDPOINTS, getEndpoint } from './api/endpoints.ts';
export { API_ERRORS, type ApiErrorBody, type ApiErrorCode, readErrorBody, type ReadErrorBody } from './api/errors.ts';
export type { EventLogEntry } from './api/events.ts';
export type { FreshSendAnswer } from './api/fresh-send.ts';
export type { ProfileEntry } from './api/identities.ts';
export type { InviteEntry } from './api/invites.ts';
export type { Delivery } from './api/messages.ts';
export { parseAnswer, parseBody, parseParams, parseQuery } from './api/parse-api.ts';
export { parseSchema } from './api/parse-schema.ts';
export { decodePlaintextEnvelope, type PlaintextEnvelope } from './api/plaintext-messages.ts';
export type { RunEntry } from './api/runs.ts';
export type { MemberRole, SpaceEntry, SpaceMemberEntry } from './api/spaces.ts';
export { canonicalize } from './canonical/canonical-json.ts';
export { decodeJson, decodeJsonObject, type DecodeJsonOptions } from './canonical/decode-json.ts';
export { assertSignable, signingBytes } from './canonical/signing-bytes.ts';
export type {
  DeviceCert,
  DeviceRevocation,
  IdentityCert,
  IdentityType,
  OperatorAttestation,
  OperatorRevocation,
  SlugBinding,
  SubkeyCert,
} from './cert/cert.ts';
export {
  type ChainEvidence,
  type ChainVerdict,
  type DeviceEvidence,
  type IdentityEvidence,
  judgeDevice,
  judgeRoot,
  judgeSubkey,
  type RootJudgement,
  type VerifiedDevice,
  type VerifiedIdentity,
  type VerifiedSubkey,
  verifyChain,
  verifyDevice,
  verifyIdentity,
  verifySubkey,
} from './cert/chain.ts';
export {
  type AgentToAttest,
  type AgentToRevoke,
  type DeviceToCertify,
  type DeviceToRevoke,
  issueDeviceCert,
  issueDeviceRevocation,
  issueIdentityCert,
  issueOperatorAttestation,
  issueOperatorRevocation,
  issueSlugBinding,
  issueSubkeyCert,
  type SubkeyToCertify,
} from './cert/issue-cert.ts';
export { findKemPublicKeyText } from './cert/legacy-kem-key.ts';
export { findOperatorKey } from './cert/operator-key.ts';
export {
  type OperatorAndAgent,
  verifyDeviceCert,
  verifyDeviceRevocation,
  verifyIdentityCert,
  verifyOperatorAttestation,
  verifyOperatorRevocation,
  verifySlugBinding,
  verifySubkeyCert,
} from './cert/verify-cert.ts';
export {
  attachmentAad,
  type AttachmentKey,
  type FileToSeal,
  openAttachment,
  sealAttachment,
  type SealedFile,
} from './content/attachment.ts';
export { type AttachmentMeta, type OutgoingAttachment } from './content/attachment-meta.ts';
export { restoreLegacyAttachment, unwrapLegacyMultipart } from './content/legacy-multipart.ts';
export { findMentions, mentions } from './content/mention.ts';
export {
  ATTACHMENTS_CONTENT_TYPE,
  type AttachmentsContent,
  attachmentsContent,
  type MessageContent,
  readMessageContent,
  TEXT_CONTENT_TYPE,
} from './content/message-content.ts';
export { aeadOpen, aeadSeal } from './crypto/aead.ts';
export {
  exportSigningKey,
  generateSigningKey,
  importSigningKey,
  importVerifyKey,
  isSignatureTextValid,
  isSignatureValid,
  type SigningKey,
  signMessage,
  signToText,
  type VerifyKey,
  verifyKeyBytes,
} from './crypto/ed25519.ts';
export { rootFingerprint, rootFingerprintPreimage } from './crypto/fingerprint.ts';
export {
  createHpkeInfo,
  type HpkeInfo,
  hpkeOpen,
  type HpkeOpenInput,
  hpkeSeal,
  type HpkeSealed,
  type HpkeSealInput,
} from './crypto/hpke.ts';
export {
  exportKemSecretKey,
  generateKemSecretKey,
  importKemPublicKey,
  importKemSecretKey,
  type KemPublicKey,
  kemPublicKeyBytes,
  type KemSecretKey,
} from './crypto/x25519.ts';
export { outerAad, type OuterAadInput, wrapAad } from './envelope/aad.ts';
export { decodeEnvelope } from './envelope/decode-envelope.ts';
export { type Envelope, isSameRoute, type RecipientEntry, type Route } from './envelope/envelope.ts';
export { openEnvelope, type ReadingDevice, type UnverifiedMessage } from './envelope/open-envelope.ts';
export type { MessagePayload } from './envelope/payload.ts';
export {
  type DevicesToWrapFor,
  type MessageRecipient,
  type MessageSigner,
  type MessageToSeal,
  type SealDeps,
  type SealedMessage,
  sealEnvelope,
  wrapForDevices,
} from './envelope/seal-envelope.ts';
export {
  type MessageReader,
  type MessageVerdict,
  replayKeyOf,
  type VerifiedMessage,
  verifyMessage,
} from './envelope/verify-message.ts';
export {
  ProtocolError,
  type ProtocolErrorCode,
  type ProtocolErrorOptions,
  type Refusal,
  type Verdict,
} from './errors.ts';
export {
  type EventKind,
  type EventPayload,
  eventTimeOf,
  isEventKind,
  type ParsedEvent,
  parseEventPayload,
  type ParseEventOptions,
} from './event/event-payload.ts';
export {
  decodeSignedEvent,
  eventOfLogEntry,
  type EventToSign,
  type SignedEvent,
  signEvent,
  verifySignedEvent,
} from './event/signed-event.ts';
export {
  type BlobId,
  type ChannelId,
  createBlobId,
  createChannelId,
  createEnvelopeId,
  createEventId,
  createRunId,
  createSpaceId,
  type DeviceId,
  deviceIdOf,
  type EnvelopeId,
  type EventId,
  isBlobId,
  isChannelId,
  isDeviceId,
  isEnvelopeId,
  isEventId,
  isRunId,
  isSessionId,
  isSlug,
  isSpaceId,
  isSubkeyId,
  isUsername,
  parseChannelId,
  parseDeviceId,
  parseEnvelopeId,
  parseEventId,
  parseSlug,
  parseSpaceId,
  parseSubkeyId,
  type RunId,
  type SessionId,
  type Slug,
  type SpaceId,
  type SubkeyId,
  subkeyIdOf,
} from './ids.ts';
export { generateIdentity, type IdentityOptions, type NewIdentity } from './keys/generate-identity.ts';
export {
  formatIdentityFile,
  formatSessionFile,
  type IdentityKeys,
  parseIdentityFile,
  parseSessionFile,
  type SessionKeys,
} from './keys/key-file.ts';
export {
  openRootKey,
  type RootKeyAadInput,
  rootKeyEnvelopeAad,
  type RootKeyReader,
  type RootKeyToSeal,
  sealRootKey,
} from './keys/root-key-envelope.ts';
export { LABELS } from './labels.ts';
export { LIMITS } from './limits.ts';
export {
  type AuthClass,
  type Authority,
  type AuthVerdict,
  type KnownSigner,
  type NonceClaim,
} from './request/authenticate.ts';
export { type RequestCredentials, type RequestStamp, signRequest } from './request/sign-request.ts';
export { connectSigningString, requestSigningString, type RequestToSign } from './request/signing-string.ts';
export { type ReceivedRequest, verifyRequest } from './request/verify-request.ts';
export {
  CLOSE_CODES,
  type CloseAction,
  closeActionOf,
  closeCodeOf,
  type CloseCodeName,
  type CloseCodeRow,
} from './socket/close-codes.ts';
export { createConnectFrame, type SocketCredentials, socketUrlOf, verifyConnectFrame } from './socket/connect.ts';
export {
  type ClientFrame,
  type ClientFrameInput,
  decodeClientFrame,
  decodeServerFrame,
  type ServerFrame,
  type ServerFrameInput,
  type UnknownFrame,
} from './socket/frames.ts';
export { createWrapPool, type WrapPool, type WrapPoolOptions } from '#wrap-pool';

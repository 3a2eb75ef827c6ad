// Every size, count and time limit of the wire, each stated once. spec: wire-protocol 13.3

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

export const LIMITS = {
  /** A signed request, connect frame or event is refused when its time differs more from the reader's clock. */
  clockWindowMs: 5 * MINUTE_MS,
  /** How long a used nonce is remembered at least, counted from receipt: covers times that lie in the future. */
  nonceLifetimeMs: 10 * MINUTE_MS,
  /** The lifetime of a subkey is strictly below this. */
  subkeyLifetimeMs: 48 * HOUR_MS,
  /** What clients ask for, so that an hour of clock drift stays legal. */
  subkeyIssueMs: 47 * HOUR_MS,
  /** A client renews a subkey this long before its end. */
  subkeyRenewalMs: 5 * MINUTE_MS,

  slugCharacters: 63,
  usernameCharacters: 58,
  /** Ids and other short strings that are not further specified. */
  opaqueIdCharacters: 256,

  messageBodyBytes: 768 * 1024,
  jsonBodyBytes: 1024 * 1024,
  /** One incoming frame at a server: the acknowledgement of a large catch-up is a single frame. */
  incomingFrameBytes: 2 * 1024 * 1024,
  /** One text frame to a client, uncompressed; 0.7.2 closes the connection at 1 MiB. */
  outgoingFrameBytes: 1024 * 1024 - 1,
  jsonDepth: 32,
  recipientsPerEnvelope: 4096,
  eventsPerBatch: 50,
  runsPerBatch: 100,
  slugsPerRequest: 100,
  /** Channels or members that one event names. */
  listedPerEvent: 1024,
  /** Entries of one page, however many are asked for. */
  pageEntries: 500,
  devicesPerIdentity: 32,
  trustListEntries: 5000,

  fileBytes: 8 * 1024 * 1024,
  /** Encrypted file as uploaded: the tag and some slack. */
  blobBytes: 8 * 1024 * 1024 + 64 * 1024,
  filesPerMessage: 10,
  inboundFilesBytes: 32 * 1024 * 1024,
  avatarBytes: 4 * 1024 * 1024,
  filenameBytes: 1024,

  nameCharacters: 80,
  bioCharacters: 2000,
  avatarUrlCharacters: 2048,
  roleCharacters: 140,
  roleShortCharacters: 32,
  soulCharacters: 16_000,
  errorTextCharacters: 1024,

  heartbeatIntervalMs: 10 * SECOND_MS,
  offlineAfterMs: 2 * MINUTE_MS,
  socketHandshakeMs: 5 * SECOND_MS,
  connectFrameMs: 10 * SECOND_MS,
  acksPerRequest: 25,
} as const;

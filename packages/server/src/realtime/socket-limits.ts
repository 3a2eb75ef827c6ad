// What one socket, one device and one address may use. spec: wire-protocol 10.2, 10.3

const SECOND_MS = 1000;

export const SOCKET_LIMITS = {
  /** Between the rounds in which all sockets are looked after. */
  tickMs: SECOND_MS,
  pingMs: 30 * SECOND_MS,
  silenceMs: 120 * SECOND_MS,
  /** How long a client that has older messages pending may take to fetch them before they are sent here. */
  fetchMs: 5 * SECOND_MS,
  /** A daemon that restarts overlaps with itself; the oldest give way. */
  socketsPerDevice: 8,
  newcomersPerAddress: 500,
  newcomers: 10_000,
  sockets: 100_000,
  /** A connect frame is about 300 bytes. */
  connectFrameBytes: 4096,
  malformedFrames: 3,
  /** Frames per tick, one more per 16 KiB. Above that the socket is not read. */
  allowancePerTick: 1000,
  bytesPerAllowance: 16 * 1024,
  /** Acknowledgements that wait for the table. Above that the socket is not read. */
  waitingAcks: 1000,
  /** Above this no further message is sent until the client has read. */
  cloggedBytes: 1024 * 1024,
  /** Nothing drained for so long: the client is sent away, and finds everything in the table. */
  cloggedMs: 60 * SECOND_MS,
  /** Ten messages, and as much again of everything else. */
  bufferedBytes: 16 * 1024 * 1024,
  /** A full window without any news is compared with the table. */
  recheckMs: 15 * SECOND_MS,
  /** Sessions are compared with revocations, in case an announcement was lost. */
  revocationTicks: 60,
  /** How long clients may take to answer the close at a restart. */
  goodbyeMs: 2 * SECOND_MS,
} as const;

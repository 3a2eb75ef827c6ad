// Domain separation strings, each stated once. ASCII without terminator. spec: wire-protocol 3.2

export const LABELS = {
  messageHpkeInfo: 'puffo/msg-hpke/v1',
  rootKeyHpkeInfo: 'puffo/rke-hpke/v1',
  envelopeOuterAad: 'puffo/message-envelope-outer/v1',
  envelopeWrapAad: 'puffo/message-envelope-wrap/v1',
  rootKeyEnvelopeAad: 'puffo/root-key-envelope/v1',
  attachmentAad: 'puffo/attachment/v1',
  /** What newer TypeScript clients may use in its place. */
  blobAad: 'puffo/blob/v1',
  rootFingerprint: 'puffo/root-public-key-fingerprint/v1',
  signatureAlgorithm: 'ed25519',
} as const;

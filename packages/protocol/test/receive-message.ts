// The example of the README, compiled with the tests so that it stays true.
import {
  decodeEnvelope,
  type MessageReader,
  openEnvelope,
  type ReadingDevice,
  type VerifiedMessage,
  verifyMessage,
} from '../src/index.ts';

/** The message, or what has to be decided first. */
export function receiveMessage(json: unknown, device: ReadingDevice, reader: MessageReader): VerifiedMessage | string {
  const envelope = decodeEnvelope(json); // well formed, untrusted
  const opened = openEnvelope(envelope, device); // decrypted once
  if (opened.kind === 'refused') return opened.reason;

  const verdict = verifyMessage(opened.value, reader); // who wrote it, judged at the time it was written
  switch (verdict.kind) {
    case 'verified':
      return verdict.message;
    case 'unknown-root': // all is right, but this identity was never pinned: decide
    case 'changed-root': // another root vouches for this slug now: alert
    case 'unknown-subkey': // fetch the sender's certificates and ask again
      return verdict.kind;
    case 'refused':
      return verdict.reason;
  }
}

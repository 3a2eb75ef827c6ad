import { AppError, type ErrorField } from '@puffo/base';

/**
 * Why something from outside was refused. For programs, logs and tests; these codes do not travel on the wire.
 * spec: wire-protocol 4.9, 5.6, 6.7
 */
export type ProtocolErrorCode =
  // the shape of what arrived
  | 'json_invalid'
  | 'json_too_deep'
  | 'not_json_value'
  | 'not_object'
  | 'wrong_type'
  | 'unsupported_version'
  | 'missing_member'
  | 'bad_length'
  | 'too_large'
  | 'id_format'
  | 'slug_invalid'
  | 'time_invalid'
  | 'schema_mismatch'
  // keys and primitives
  | 'key_invalid'
  | 'small_order_key'
  | 'signature_invalid'
  | 'not_signable'
  // certificates and chains
  | 'id_derivation'
  | 'root_mismatch'
  | 'device_id_mismatch'
  | 'agent_mismatch'
  | 'operator_mismatch'
  | 'identity_type'
  | 'operator_missing'
  | 'operator_not_allowed'
  | 'slug_mismatch'
  | 'algorithm'
  | 'bad_validity'
  | 'ttl_too_long'
  | 'device_expired'
  | 'device_revoked'
  | 'subkey_expired'
  | 'subkey_not_yet_valid'
  | 'attestation_missing'
  | 'operator_revoked'
  | 'fingerprint_mismatch'
  // envelopes
  | 'envelope_invalid'
  | 'duplicate_recipient'
  | 'no_recipients'
  | 'no_recipient_entry'
  | 'unknown_kind'
  | 'missing_route'
  | 'hpke_open_failed'
  | 'content_key_length'
  | 'content_nonce_length'
  | 'aead_open_failed'
  | 'plaintext_not_json'
  | 'payload_type_invalid'
  | 'payload_version_unsupported'
  | 'subkey_unknown'
  | 'subkey_id_mismatch'
  | 'sender_slug_mismatch'
  | 'route_mismatch'
  | 'sent_at_mismatch'
  | 'not_addressed'
  | 'replay'
  // attachments and events
  | 'attachment_invalid'
  | 'unsigned_server_event'
  | 'signer_mismatch'
  // requests
  | 'request_malformed'
  | 'clock_skew'
  | 'signer_unknown'
  | 'identity_inactive'
  | 'key_class'
  | 'nonce_replayed';

export interface ProtocolErrorOptions {
  /** Path of the member that is wrong, as it is spelled on the wire: `device_cert.keys.signing.public_key`. */
  readonly field?: string;
  readonly cause?: unknown;
  /** Further facts, such as the length found and the length expected. */
  readonly fields?: Readonly<Record<string, ErrorField>>;
}

/** What this package throws for input it refuses. Never holds key material, plaintext or a long piece of the input. */
export class ProtocolError extends AppError<ProtocolErrorCode> {
  override readonly name = 'ProtocolError';
  readonly field: string | undefined;

  constructor(code: ProtocolErrorCode, message: string, options: ProtocolErrorOptions = {}) {
    const { field, cause, fields } = options;
    super(message, { code, cause, fields: field === undefined ? { ...fields } : { ...fields, field } });
    this.field = field;
  }
}

/** The outcome of a check that a caller has to act on: it is never a bare boolean, and never an exception. */
export type Verdict<Value> = { readonly kind: 'valid'; readonly value: Value } | Refusal;

export interface Refusal {
  readonly kind: 'refused';
  readonly reason: ProtocolErrorCode;
  /** A sentence for logs, made like an error message. */
  readonly message: string;
  readonly field?: string;
}

/** Runs `check` and turns the `ProtocolError` it may throw into a refusal. Anything else is a defect and passes. */
export function verdictOf<Value>(check: () => Value): Verdict<Value> {
  try {
    return { kind: 'valid', value: check() };
  } catch (error) {
    if (error instanceof ProtocolError) return refusalOf(error);
    throw error;
  }
}

export function refusalOf(error: ProtocolError): Refusal {
  const { code, message, field } = error;
  return { kind: 'refused', reason: code, message, ...(field === undefined ? {} : { field }) };
}

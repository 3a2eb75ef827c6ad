// One pipeline for every request: build, sign, send, limit, read, try again. spec: wire-protocol 5, 9.1, 13
import type {
  AnswerOf,
  BodyInputOf,
  EndpointName,
  EndpointNamed,
  ParamsOf,
  QueryOf,
  RequestCredentials,
  SubkeyId,
} from '@puffo/protocol';

type Given<Name extends string, Value> = Value extends undefined
  ? { readonly [Key in Name]?: undefined }
  : { readonly [Key in Name]: Value };
type Optional<Name extends string, Value> = { readonly [Key in Name]?: Value | undefined };

/** What `call` needs besides the endpoint's name; `body` is in its wire form, or bytes as they are. */
export type CallOf<Name extends EndpointName> = Given<'params', ParamsOf<EndpointNamed<Name>>> &
  Optional<'query', QueryOf<EndpointNamed<Name>>> &
  Given<'body', BodyInputOf<EndpointNamed<Name>>> &
  CallOptions;

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** For the whole call with its repetitions; absent: the endpoint's own. */
  readonly timeoutMs?: number | undefined;
  /** How often it is sent at most, not counting once more with a fresh subkey after a 401; absent: the endpoint's own. */
  readonly attempts?: number | undefined;
}

export interface HttpClient {
  /** Without a slash at the end. */
  readonly serverUrl: string;
  /**
   * Signed as the endpoint's class asks. Fails with a `ClientError`. What may have happened already is sent again only where
   * doing it twice is the same as once.
   */
  call<Name extends EndpointName>(name: Name, call: CallOf<Name>): Promise<AnswerOf<EndpointNamed<Name>>>;
}

/** Who signs. A `Session` is one; without any, only endpoints of the class `none` can be called. */
export interface CredentialSource {
  readonly deviceCredentials: RequestCredentials;
  /** Absent while the subkey itself is being registered. */
  readonly getSubkey?: () => Promise<SubkeyCredentials>;
  /** After a 401. */
  readonly renewSubkey?: (refused: SubkeyId) => Promise<SubkeyCredentials>;
}

/** Credentials of a live subkey. */
export interface SubkeyCredentials extends RequestCredentials {
  readonly signerId: SubkeyId;
}

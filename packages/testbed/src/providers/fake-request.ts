// What a fake provider remembers of one HTTP request: the request as it came, and one view that is the same for all APIs.
import type { JsonObject } from '@puffo/base';

/** The wire formats. `none`: a request that belongs to none of them, such as `HEAD /`. */
export type ProviderApi = 'anthropic' | 'openai-chat' | 'openai-responses' | 'google' | 'none';

/** What a request asks for. Only `generate` is answered from the script. */
export type ProviderOperation = 'generate' | 'count_tokens' | 'list_models' | 'get_model' | 'probe' | 'unknown';

/** Who decided on the answer. */
export type AnsweredBy =
  | 'undecided'
  | 'script'
  | 'handler'
  | 'default'
  /** A side job of a CLI: the script was left alone. */
  | 'side_job'
  /** Counting, listing, probing. */
  | 'provider'
  /** Refused as the real provider would: no key, unknown path, malformed. */
  | 'strictness'
  /** Nobody said what to answer: the client got a 500. Tests assert that there is none of these. */
  | 'unexpected';

export type Outcome =
  | 'open'
  | 'answered'
  /** The script ended the connection too early, or the provider was closed. */
  | 'cut'
  | 'aborted_by_client';

export interface Credential {
  readonly source: 'x-api-key' | 'authorization' | 'x-goog-api-key' | 'query';
  /** As given, without `Bearer`. */
  readonly value: string;
}

export interface ViewedToolCall {
  readonly id: string;
  readonly name: string;
  /** What the JSON says, or its text where it is not JSON. */
  readonly input: unknown;
}

export interface ViewedToolResult {
  readonly id: string;
  readonly text: string;
  readonly isError: boolean;
}

/** Tool results belong to the user's side: that is where the model gets them from. */
export interface ViewedMessage {
  readonly role: 'user' | 'assistant';
  /** All text blocks, joined by newlines. */
  readonly text: string;
  readonly texts: readonly string[];
  readonly toolCalls: readonly ViewedToolCall[];
  readonly toolResults: readonly ViewedToolResult[];
}

/** A request in words that do not depend on the provider. */
export interface RequestView {
  readonly model: string;
  readonly isStreaming: boolean;
  readonly maxTokens: number | undefined;
  /** All system and developer texts, joined by empty lines. */
  readonly system: string;
  readonly messages: readonly ViewedMessage[];
  /** Tools inside a namespace are named `<namespace>__<tool>`. */
  readonly toolNames: readonly string[];
}

export interface FakeRequest extends RequestView {
  /** 1 for the first request of this provider. */
  readonly seq: number;
  readonly api: ProviderApi;
  readonly operation: ProviderOperation;
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly credential: Credential | undefined;
  readonly rawBody: string;
  /** `undefined` when there was none, or none that is a JSON object. */
  readonly raw: JsonObject | undefined;
  readonly receivedAt: number;
  /** These change while the request is answered. */
  readonly answeredBy: AnsweredBy;
  readonly outcome: Outcome;
  /** 0 until the head of the answer was sent. */
  readonly status: number;
}

export const EMPTY_VIEW: RequestView = {
  model: '',
  isStreaming: false,
  maxTokens: undefined,
  system: '',
  messages: [],
  toolNames: [],
};

/** The last text block that the user's side said: blocks of failed turns stay before it in the same message. */
export function findLastUserText({ messages }: RequestView): string | undefined {
  return messages
    .filter(({ role }) => role === 'user')
    .flatMap(({ texts }) => texts)
    .at(-1);
}

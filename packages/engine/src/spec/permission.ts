// Questions of an engine that may not do something by itself. spec: runtimes 5.9, 10.2.8
import type { JsonValue } from '@puffo/base';

export interface PermissionRequest {
  /** Of the engine. */
  readonly requestId: string;
  readonly toolName: string;
  /** The exact arguments. */
  readonly input: JsonValue;
  /** What the engine says that it is about; may be empty. */
  readonly description: string;
}

export type PermissionDecision =
  /** `session`: and the like, as long as the session lasts. */
  | { readonly kind: 'allow'; readonly scope: 'once' | 'session' }
  /** `message`: for the model. */
  | { readonly kind: 'deny'; readonly message: string };

/** Never fails: who cannot ask denies. Aborted when the turn ends: the answer is not wanted any more. */
export type AskPermission = (request: PermissionRequest, signal: AbortSignal) => Promise<PermissionDecision>;

// What an engine is to the daemon: something that takes a turn in a session and says what happens. Drivers map whatever their
// program says to these events; nothing else of it reaches the rest. spec: runtimes 2.9
import type { JsonValue } from '@puffo/base';
import type { AskPermission } from './permission.ts';
import type { ToolHost } from './tools.ts';

export interface EngineCapabilities {
  /** A session survives the end of the process. */
  readonly resume: boolean;
  readonly cancel: boolean;
  /** Text can be added while a turn runs. */
  readonly steer: boolean;
  readonly permissions: boolean;
  readonly compact: boolean;
  /** Tools are served over the engine's own channel. */
  readonly hostedTools: boolean;
  /** Its text is what it says; engines with tools speak with those. */
  readonly speaksByText: boolean;
}

export interface Engine {
  /** `claude-code`, `chat-anthropic` */
  readonly name: string;
  readonly capabilities: EngineCapabilities;
  /** Begins or resumes a session; cheap where nothing has to run yet. Fails with an `EngineError`. */
  openSession(options: SessionOptions): Promise<EngineSession>;
}

export interface SessionOptions {
  readonly systemPrompt: string;
  readonly model: string;
  /** Of an earlier run; an engine that cannot resume it begins anew and says so in `isResumed`. */
  readonly resume?: SessionRef | undefined;
  /** Absent: none are offered. Engines that cannot offer any ignore them. */
  readonly tools?: ToolHost | undefined;
  /** Absent: whatever would need a question is refused. */
  readonly askPermission?: AskPermission | undefined;
}

/** What the engine needs to go on with a session; kept by the daemon, understood by nobody else. */
export type SessionRef = JsonValue;

export interface EngineSession extends AsyncDisposable {
  readonly isResumed: boolean;
  /**
   * Serial: a turn begins when the one before has ended. The stream ends with exactly one `turn_end`, and never throws. Nothing
   * runs before somebody iterates; who stops iterating ends the turn. On a closed session it fails with `bad_session`.
   */
  runTurn(input: TurnInput, signal: AbortSignal): AsyncIterable<EngineEvent>;
  /** With `capabilities.steer`: adds to the running turn. `false`: it was too late, and nothing was said. */
  steer?(text: string): Promise<boolean>;
  /** With `capabilities.compact`: makes room in the context, between turns. `false`: it could not. */
  compact?(signal: AbortSignal): Promise<boolean>;
}

export interface TurnInput {
  readonly turnId: string;
  /** The messages of the turn, rendered. */
  readonly text: string;
}

export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export type EngineEvent =
  /** At most once: the input is in the session now, and repeating it would say it twice. */
  | { readonly kind: 'accepted' }
  /** A finished block of text. */
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'tool_start'; readonly callId: string; readonly name: string; readonly input: JsonValue }
  | { readonly kind: 'tool_end'; readonly callId: string; readonly isError: boolean }
  /** Something is happening, for those who measure silence. */
  | { readonly kind: 'progress' }
  | { readonly kind: 'turn_end'; readonly outcome: TurnOutcome; readonly usage: Usage; readonly session: SessionRef };

export type TurnOutcome =
  | { readonly kind: 'ok' }
  | { readonly kind: 'failed'; readonly failure: EngineFailure }
  | { readonly kind: 'cancelled' };

export type EngineFailureClass =
  | 'rate_limited'
  | 'overloaded'
  | 'server_error'
  | 'network'
  | 'auth'
  | 'billing'
  | 'quota'
  | 'input_too_large'
  | 'bad_session'
  | 'bad_model'
  | 'refused'
  | 'crashed'
  | 'timeout'
  | 'protocol';

export interface EngineFailure {
  readonly failureClass: EngineFailureClass;
  readonly httpStatus?: number | undefined;
  /** The provider's own wish. */
  readonly retryAfterMs?: number | undefined;
  /** For logs only: short, without secrets, never shown in a chat. */
  readonly detail: string;
}

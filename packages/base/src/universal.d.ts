// The globals that every environment we run in has (Node 20 and later, browsers, workers), and nothing else.
// Base is compiled without Node's and without the DOM's types, so that it cannot reach either by accident.

interface TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
}
declare const TextEncoder: new () => TextEncoder;

interface TextDecoder {
  decode(bytes: Uint8Array): string;
}
declare const TextDecoder: new (
  label: 'utf-8' | 'latin1',
  options?: { fatal?: boolean; ignoreBOM?: boolean },
) => TextDecoder;

declare const crypto: { getRandomValues(target: Uint8Array): void };

interface MessagePort {
  onmessage: (() => void) | null;
  postMessage(message: null): void;
  close(): void;
}
declare const MessageChannel: new () => { readonly port1: MessagePort; readonly port2: MessagePort };

declare function setTimeout(callback: () => void, delayMs: number): unknown;
declare function clearTimeout(timer: unknown): void;

interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

// Silence is what ends a turn that goes nowhere; a turn that says something may last for hours. spec: runtimes 5.8, R-18
export interface SilenceWatch extends Disposable {
  /** Something was heard. */
  touch(): void;
}

export interface SilenceWatchOptions {
  /** 0: never. */
  readonly silenceMs: number;
  /** Somebody else is slow: a question is open, a tool of ours runs. */
  isWaiting(): boolean;
  /** Called once. */
  onSilence(): void;
}

export function createSilenceWatch({ silenceMs, isWaiting, onSilence }: SilenceWatchOptions): SilenceWatch {
  let timer: NodeJS.Timeout | undefined;

  function check(): void {
    if (isWaiting()) arm();
    else onSilence();
  }

  function arm(): void {
    clearTimeout(timer);
    if (silenceMs > 0) timer = setTimeout(check, silenceMs);
  }

  arm();
  return {
    touch: arm,
    [Symbol.dispose]() {
      clearTimeout(timer);
    },
  };
}

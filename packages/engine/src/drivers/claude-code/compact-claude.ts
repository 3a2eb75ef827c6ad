// Makes room in the conversation. spec: runtimes 10.2.9
import { createDeferred } from '@puffo/base';
import { createSilenceWatch } from '../../program/silence-watch.ts';
import type { ClaudeProcess } from './claude-process.ts';

export interface CompactOptions {
  readonly signal: AbortSignal;
  readonly silenceMs: number;
  drop(): Promise<void>;
}

/** Whether it did. What was called off leaves no process behind that is still at it. */
export async function compactClaude(
  process: ClaudeProcess,
  { signal, silenceMs, drop }: CompactOptions,
): Promise<boolean> {
  const done = createDeferred<boolean>();
  let isCompacted = false;
  using silence = createSilenceWatch({ silenceMs, isWaiting: () => false, onSilence: giveUp });
  const ignore = process.listen((frame) => {
    silence.touch();
    if (frame.kind === 'compacted') isCompacted = true;
    if (frame.kind === 'result') done.resolve(isCompacted && !frame.result.isError);
  });
  function giveUp(): void {
    void drop();
    done.resolve(false);
  }
  void process.ended.then(() => done.resolve(false));
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    await process.say('/compact', crypto.randomUUID()).catch(() => undefined);
    return await done.promise;
  } finally {
    signal.removeEventListener('abort', giveUp);
    ignore();
  }
}

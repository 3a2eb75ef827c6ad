// Who says what a request gets: side jobs a harmless answer, everything else the script, then the handler, then the default.
import type { AnsweredBy, FakeRequest } from './fake-request.ts';
import type { FakeReply } from './fake-reply.ts';
import { answerSideJob, type SideJobTest } from './side-jobs.ts';

/** `undefined`: not mine; the default reply, or none. */
export type ReplyHandler = (request: FakeRequest) => FakeReply | undefined | Promise<FakeReply | undefined>;

export interface Chosen {
  readonly reply: FakeReply;
  readonly answeredBy: AnsweredBy;
}

export interface ReplySource {
  /** Replies that wait in the script. */
  readonly length: number;
  append(replies: readonly FakeReply[]): void;
  setHandler(handler: ReplyHandler | undefined): void;
  choose(request: FakeRequest): Promise<Chosen>;
}

export interface ReplySourceOptions {
  /** Never true: side jobs take their answer from the script like everything else. */
  readonly isSideJob: SideJobTest;
  /** Default: `answerSideJob`. */
  readonly sideJobReply: FakeReply | undefined;
  readonly defaultReply: FakeReply | undefined;
}

export function createReplySource({ isSideJob, sideJobReply, defaultReply }: ReplySourceOptions): ReplySource {
  const queue: FakeReply[] = [];
  let handler: ReplyHandler | undefined;

  async function askHandler(request: FakeRequest): Promise<Chosen | undefined> {
    try {
      const reply = await handler?.(request);
      return reply === undefined ? undefined : { reply, answeredBy: 'handler' };
    } catch (error) {
      return unexpected(`the handler of the test failed: ${error instanceof Error ? error.message : 'no Error'}`);
    }
  }

  return {
    get length() {
      return queue.length;
    },
    append(replies) {
      queue.push(...replies);
    },
    setHandler(next) {
      handler = next;
    },
    async choose(request) {
      if (isSideJob(request)) return { reply: sideJobReply ?? answerSideJob(request), answeredBy: 'side_job' };
      const next = queue.shift();
      if (next !== undefined) return { reply: next, answeredBy: 'script' };
      const handled = await askHandler(request);
      if (handled !== undefined) return handled;
      if (defaultReply !== undefined) return { reply: defaultReply, answeredBy: 'default' };
      return unexpected('the script is exhausted and no handler answers; script a reply for this request');
    },
  };
}

function unexpected(reason: string): Chosen {
  const message = `Cannot answer as a fake provider: ${reason}`;
  return { reply: { kind: 'error', error: 'server_error', message }, answeredBy: 'unexpected' };
}

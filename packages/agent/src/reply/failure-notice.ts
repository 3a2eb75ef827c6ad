// What the person who asked is told when no answer comes: one honest message, without a word of the provider's.
// spec: runtimes 2.8, daemon-and-cli 3.9
import type { FailureClass } from '../retry/judge-failure.ts';

/** `empty_answer`: the turn went well and said nothing. `too_long`: the answer cannot be posted, even in parts. */
export type NoticeClass = FailureClass | 'empty_answer' | 'too_long';

export interface NoticeFacts {
  /** Kept: the message is answered later, without anybody asking again. */
  readonly isHeld: boolean;
  /** Somebody was told who can repair it. */
  readonly isOperatorTold?: boolean;
}

const ACCESS = 'I cannot answer right now: my access to the AI model does not work.';
const BUSY = 'I could not answer: the AI model was too busy, and trying again did not help.';
const BROKEN = 'I could not answer: something went wrong on my side, and trying again did not help.';

const CAUSES: Readonly<Record<NoticeClass, string>> = {
  rate_limited: BUSY,
  overloaded: BUSY,
  server_error: 'I could not answer: the AI model had a problem, and trying again did not help.',
  network: 'I could not answer: I cannot reach the AI model, and trying again did not help.',
  auth: ACCESS,
  billing: ACCESS,
  quota: 'I cannot answer right now: the limit of my access to the AI model is used up.',
  input_too_large: 'I could not answer: that is more than I can take in at once.',
  bad_session: BROKEN,
  bad_model: 'I cannot answer right now: the AI model that I am set to use is not available.',
  refused: 'I have no answer to this: the AI model declined the request.',
  crashed: BROKEN,
  timeout: 'I could not answer: it took too long, so I stopped.',
  protocol: BROKEN,
  cancelled: 'I was stopped before I could answer.',
  empty_answer: 'I could not answer: I thought about it and came up with nothing to say.',
  too_long: 'I have an answer, but it is too long to be posted here.',
};

const ASK_LATER = 'Please ask again in a few minutes.';
const ASK_AFTER_REPAIR = 'Please ask again when that is repaired.';

const ADVICE: Readonly<Record<NoticeClass, string>> = {
  rate_limited: ASK_LATER,
  overloaded: ASK_LATER,
  server_error: ASK_LATER,
  network: ASK_LATER,
  auth: ASK_AFTER_REPAIR,
  billing: ASK_AFTER_REPAIR,
  quota: 'Please ask again later.',
  input_too_large: 'Please send it in smaller parts, or only the part that matters.',
  bad_session: 'Please ask again.',
  bad_model: ASK_AFTER_REPAIR,
  refused: 'You may ask in other words.',
  crashed: 'Please ask again.',
  timeout: 'Please ask again, perhaps for a smaller step.',
  protocol: 'Please ask again.',
  cancelled: 'Please ask again if you still need it.',
  empty_answer: 'Please ask again, perhaps in other words.',
  too_long: 'Please ask for a shorter one, or for a part of it.',
};

const HELD = 'Your message is kept, and I answer it as soon as I can; you need not send it again.';
const OPERATOR_TOLD = 'My operator has been told.';

/** Two or three short sentences. */
export function failureNotice(noticeClass: NoticeClass, { isHeld, isOperatorTold = false }: NoticeFacts): string {
  return [CAUSES[noticeClass], ...(isOperatorTold ? [OPERATOR_TOLD] : []), isHeld ? HELD : ADVICE[noticeClass]].join(
    ' ',
  );
}

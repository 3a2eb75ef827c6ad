// What came of a turn, in plain words. spec: daemon-and-cli 4.10
import { causeText, FAILURE_CLASSES, type FailureClass } from '@puffo/agent/failures';

const WORDS: ReadonlyMap<string, string> = new Map([
  ['answered', 'answered'],
  ['silent', 'chose to say nothing'],
  ['empty_answer', 'neither used a tool nor said anything'],
  ['too_long', 'the answer was too long to be posted'],
  ['cancelled', 'was cancelled: the agent was stopped'],
  ['crashed', `crashed: ${causeText('crashed')}`],
]);

/** A word of a later version is its own description. */
export function describeOutcome(outcome: string): string {
  const words = WORDS.get(outcome);
  if (words !== undefined) return words;
  return isFailureClass(outcome) ? `failed: ${causeText(outcome)}` : outcome;
}

function isFailureClass(outcome: string): outcome is FailureClass {
  return FAILURE_CLASSES.some((each) => each === outcome);
}

import { describe, expect, it } from 'vitest';
import { FAILURE_CLASSES } from '../retry/judge-failure.ts';
import { failureNotice, type NoticeClass } from './failure-notice.ts';

const CLASSES: readonly NoticeClass[] = [...FAILURE_CLASSES, 'empty_answer', 'too_long'];

describe.each(CLASSES)('whoever asked, after %s,', (noticeClass) => {
  const over = failureNotice(noticeClass, { isHeld: false });
  const held = failureNotice(noticeClass, { isHeld: true, isOperatorTold: true });

  it('is told to do something when no answer comes', () => {
    expect(over).toMatch(/(Please (ask|send)|You may ask) .*\.$/);
    expect(over).not.toMatch(/kept|operator/);
  });

  it('is told to wait when an answer comes', () => {
    expect(held).toMatch(/Your message is kept, and I answer it as soon as I can; you need not send it again\.$/);
    expect(held).toContain('My operator has been told.');
    expect(held).not.toMatch(/[Aa]sk again/);
  });

  it('reads nothing of codes and providers', () => {
    expect(over + held).not.toMatch(/_|\d|API|HTTP|token|key|error|provider|session/i);
  });

  it('reads at most three sentences', () => {
    expect(over.match(/\.( |$)/g)?.length).toBeLessThanOrEqual(3);
  });
});

it('is said in the same words when only the operator can tell the difference', () => {
  const facts = { isHeld: true, isOperatorTold: true };
  expect(failureNotice('billing', facts)).toBe(failureNotice('auth', facts));
});

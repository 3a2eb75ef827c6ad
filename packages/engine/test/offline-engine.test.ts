import { sleep } from '@puffo/base';
import { describe, expect, test } from 'vitest';
import {
  createOfflineEngine,
  type Engine,
  type EngineHarness,
  type EngineSession,
  engineChecks,
  type SessionRef,
} from '../src/index.ts';

const OPTIONS = { systemPrompt: 'Be brief.', model: '' };

async function say(session: EngineSession, text: string) {
  let answer = '';
  let ref: SessionRef = null;
  for await (const event of session.runTurn({ turnId: text, text }, new AbortController().signal)) {
    if (event.kind === 'text') answer += event.text;
    if (event.kind === 'turn_end') {
      expect(event.outcome).toEqual({ kind: 'ok' });
      ref = event.session;
    }
  }
  return { answer, ref };
}

describe('the offline engine', () => {
  test.each(engineChecks.map(({ name, run }) => ({ name, run })))('$name', async ({ run }) => {
    await expect(run(harnessOfOffline())).resolves.toBeUndefined();
  });

  test('says in the first sentence of every answer that it is not an AI, and which command helps', async () => {
    await using session = await createOfflineEngine().openSession(OPTIONS);
    for (const text of ['One', 'Two', 'Three', 'Four', 'Five']) {
      const { answer } = await say(session, text);
      expect(answer.split(/[.:]/)[0]).toMatch(/not an AI/);
      expect(answer).toMatch(/encrypted/);
      expect(answer).toContain('`puffo-agent quickstart`');
      expect(answer).not.toContain(text);
    }
  });

  test('says something else the second time, also when it was started again in between', async () => {
    const first = await createOfflineEngine().openSession(OPTIONS);
    const { answer, ref } = await say(first, 'One');
    await using second = await createOfflineEngine().openSession({ ...OPTIONS, resume: ref });
    expect(second.isResumed).toBe(true);
    expect((await say(second, 'Two')).answer).not.toBe(answer);
  });

  test('keeps no more of a long conversation than its limits', async () => {
    await using session = await createOfflineEngine().openSession(OPTIONS);
    let ref: SessionRef = null;
    for (let turn = 0; turn < 30; turn++) ({ ref } = await say(session, `${turn} ${'x'.repeat(10_000)}`));
    expect(JSON.stringify(ref).length).toBeLessThan(50_000);
    await using later = await createOfflineEngine().openSession({ ...OPTIONS, resume: ref });
    expect(later.isResumed).toBe(true);
  });

  test.each<[string, SessionRef]>([
    ['of another engine', { chat: 1, entries: [] }],
    ['with a wrong count', { offline: 1, turns: -1, heard: [] }],
    ['with something else than texts', { offline: 1, turns: 1, heard: [1] }],
    ['without a list', { offline: 1, turns: 1 }],
  ])('begins anew with a reference %s', async (_, resume) => {
    await using session = await createOfflineEngine().openSession({ ...OPTIONS, resume });
    expect(session.isResumed).toBe(false);
  });
});

type Script =
  | { readonly kind: 'answer'; readonly text: string }
  | { readonly kind: 'fail' }
  | { readonly kind: 'hang' };

function harnessOfOffline(): EngineHarness {
  const script: Script[] = [];
  const asked: string[] = [];

  function make(): Engine {
    return createOfflineEngine({
      async compose({ heard }, signal) {
        asked.push(heard.join('\n'));
        const next = script.shift() ?? { kind: 'fail' };
        if (next.kind === 'answer') return next.text;
        if (next.kind === 'fail') throw new Error('The script says so');
        await sleep(2 ** 30, signal);
        return '';
      },
    });
  }

  return {
    engine: make(),
    model: '',
    staleRef: { offline: 0 },
    failures: ['crashed'],
    answer: (text) => void script.push({ kind: 'answer', text }),
    fail: () => void script.push({ kind: 'fail' }),
    hang: () => void script.push({ kind: 'hang' }),
    countAsked: () => asked.length,
    lastSeen: () => asked.at(-1) ?? '',
    remake: make,
  };
}

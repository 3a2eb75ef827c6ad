// What people ask while their agents are killed: each asks a few things at a time, and goes on when those are answered.
import { waitFor } from '@puffo/testbed';
import { type AskedQuestion, type ChaosView, isOver, type Question } from './chaos-view.ts';
import type { ChaosWorld } from './chaos-world.ts';

/** Questions of one person that wait for an answer. */
const MAX_OPEN = 8;

/** Half of them in private, the others in channels, with a mention; each agent is asked the same number. */
export function planQuestions({ people, agents, channels }: ChaosWorld, count: number): readonly Question[] {
  return Array.from({ length: count }, (_, number): Question => {
    const at = Math.floor(number / people.length);
    const place = at % 2 === 0 ? 'dm' : channels[Math.floor(at / 2) % channels.length];
    const person = people[number % people.length];
    const agent = agents[Math.floor(at / 4) % agents.length];
    if (place === undefined || person === undefined || agent === undefined) throw new TypeError('nobody to ask');
    return { marker: `q${number % people.length}x${at}`, person, agent, place };
  });
}

export interface LoadOptions {
  readonly view: () => ChaosView;
  /** Each as soon as the server has it. */
  readonly onAsked: (question: AskedQuestion) => void;
  readonly timeoutMs: number;
}

/** Resolves when everything was asked. */
export async function askAll(questions: readonly Question[], options: LoadOptions): Promise<void> {
  const people = new Set(questions.map(({ person }) => person));
  const asking = Array.from(people, (person) =>
    askInTurn(
      questions.filter((question) => question.person === person),
      options,
    ),
  );
  await Promise.all(asking);
}

async function askInTurn(questions: readonly Question[], { view, onAsked, timeoutMs }: LoadOptions): Promise<void> {
  let open: AskedQuestion[] = [];
  for (const question of questions) {
    await waitFor(
      () => {
        const seen = view();
        open = open.filter((asked) => !isOver(asked, seen));
        return open.length < MAX_OPEN;
      },
      `answers for ${question.person.slug}`,
      { timeoutMs },
    );
    const { person, agent, place, marker } = question;
    const sent =
      place === 'dm' ? await person.say(agent.user, marker) : await person.say(place, `@${agent.user.slug} ${marker}`);
    const asked = { ...question, sent };
    open.push(asked);
    onAsked(asked);
  }
}

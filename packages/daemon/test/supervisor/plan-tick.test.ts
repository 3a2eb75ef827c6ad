import { describe, expect, it } from 'vitest';
import { type AgentConfig, readAgentConfig } from '@puffo/agent/config';
import { parseYaml } from '../../src/home/parse-yaml.ts';
import type { AgentFlag } from '../../src/home/flags.ts';
import { type AgentFacts, type LiveFacts, planTick, type TickAction } from '../../src/supervisor/plan-tick.ts';

interface Case {
  readonly agents?: readonly AgentFacts[];
  readonly live?: Readonly<Record<string, LiveFacts>>;
  readonly busy?: readonly string[];
}

function plan({ agents = [], live = {}, busy = [] }: Case): readonly string[] {
  return planTick({ agents, live: new Map(Object.entries(live)), busy: new Set(busy) }).map(describeAction);
}

function describeAction(action: TickAction): string {
  if (action.kind === 'stop') return `stop ${action.id} ${action.reason}`;
  return action.kind === 'warn' ? `warn ${action.id}` : `${action.kind} ${action.id}`;
}

function config(id: string, text = ''): AgentConfig {
  const parse = parseYaml(`id: ${id}\n${text}`);
  const reading = readAgentConfig(parse.kind === 'parsed' ? parse.tree : undefined, { id });
  if (reading.kind === 'invalid') throw new Error(reading.reason);
  return reading.config;
}

function agent(id: string, own: AgentConfig = config(id), ...flags: readonly AgentFlag[]): AgentFacts {
  return { id, flags, file: { kind: 'valid', config: own, warnings: [] } };
}

function broken(id: string, ...flags: readonly AgentFlag[]): AgentFacts {
  return { id, flags, file: { kind: 'invalid', problem: `agent '${id}': broken`, warnings: [] } };
}

function live(id: string, own: AgentConfig = config(id), condition: LiveFacts['condition'] = 'works'): LiveFacts {
  return { config: own, condition };
}

const A = config('a');
const PAUSED = config('a', 'state: paused');
const BANANA = config('a', 'state: banana');
const OTHER_MODEL = config('a', 'runtime: { model: other }');
const OTHER_NAME = config('a', 'display_name: Ann');

describe('planTick', () => {
  it.each<[string, Case, readonly string[]]>([
    ['nothing for nothing', {}, []],
    ['nothing for what has not changed', { agents: [agent('a', A)], live: { a: live('a', A) } }, []],
    ['starts what should run', { agents: [agent('a')] }, ['start a']],
    ['leaves what is paused', { agents: [agent('a', PAUSED)] }, []],
    ['stops what is paused now', { agents: [agent('a', PAUSED)], live: { a: live('a') } }, ['stop a paused']],
    ['stops what is gone', { live: { a: live('a') } }, ['stop a removed']],
    ['warns of an unknown state, without a worker', { agents: [agent('a', BANANA)] }, ['warn a']],
    ['warns of an unknown state, with a worker', { agents: [agent('a', BANANA)], live: { a: live('a') } }, ['warn a']],
    ['warns of an unreadable file, without a worker', { agents: [broken('a')] }, ['warn a']],
    ['keeps the worker of an unreadable file', { agents: [broken('a')], live: { a: live('a') } }, ['warn a']],
    [
      'restarts for another model',
      { agents: [agent('a', OTHER_MODEL)], live: { a: live('a', A) } },
      ['stop a changed'],
    ],
    ['hands on another name', { agents: [agent('a', OTHER_NAME)], live: { a: live('a', A) } }, ['apply a']],
    ['leaves a failed one', { agents: [agent('a', A)], live: { a: live('a', A, 'failed') } }, []],
    ['retries when it is time', { agents: [agent('a', A)], live: { a: live('a', A, 'retry-due') } }, ['retry a']],
    [
      'retries at once when the file of a failed one was changed',
      { agents: [agent('a', OTHER_NAME)], live: { a: live('a', A, 'failed') } },
      ['retry a'],
    ],
    [
      'stops a failed one for another model',
      { agents: [agent('a', OTHER_MODEL)], live: { a: live('a', A, 'failed') } },
      ['stop a changed'],
    ],
    ['obeys the first flag only', { agents: [agent('a', A, 'archive', 'delete', 'restart')] }, ['archive a']],
    ['deletes before it restarts', { agents: [agent('a', A, 'delete', 'restart')] }, ['delete a']],
    ['obeys flags of an unreadable file', { agents: [broken('a', 'restart')] }, ['restart a']],
    ['obeys flags of a paused one', { agents: [agent('a', PAUSED, 'archive')] }, ['archive a']],
    ['leaves alone what is busy', { agents: [agent('a')], busy: ['a'] }, []],
    ['leaves a busy one that is gone', { live: { a: live('a') }, busy: ['a'] }, []],
  ])('%s', (_name, given, expected) => expect(plan(given)).toEqual(expected));

  it('keeps the order of 0.7.2: gone, archived, deleted, restarted, then by id', () => {
    const agents = [
      agent('a'),
      agent('b', config('b'), 'restart'),
      agent('c', config('c'), 'delete'),
      agent('d', config('d'), 'archive'),
      agent('e', config('e', 'state: paused')),
    ];
    const lives = { e: live('e'), z: live('z') };
    expect(plan({ agents, live: lives })).toEqual([
      'stop z removed',
      'archive d',
      'delete c',
      'restart b',
      'start a',
      'stop e paused',
    ]);
  });

  it('says which state it does not know, and what to do', () => {
    const [action] = planTick({ agents: [agent('a', BANANA)], live: new Map(), busy: new Set() });
    expect(action).toMatchObject({ text: expect.stringMatching(/agent 'a'.*'banana'.*running or paused/) as string });
  });
});

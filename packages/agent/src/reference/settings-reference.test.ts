import { describe, expect, it } from 'vitest';
import { readAgentConfig } from '../config/read-agent-config.ts';
import { readDaemonConfig } from '../config/read-daemon-config.ts';
import { AGENT_SETTINGS } from './settings-reference-agent.ts';
import { DAEMON_SETTINGS } from './settings-reference-daemon.ts';
import { agentReference, daemonReference, sampleTree, type Setting } from './settings-reference.ts';
import type { YamlNode } from '../config/yaml-node.ts';

const ANY_NAME = '<channel>';

function readAgent(root: YamlNode | undefined) {
  const reading = readAgentConfig(root, { id: 'helper' });
  if (reading.kind === 'invalid') throw new Error(reading.reason);
  return reading.config;
}

function readDaemon(root: YamlNode | undefined) {
  const { config, problem } = readDaemonConfig(root);
  if (problem !== undefined) throw new Error(problem);
  return config;
}

interface Notes {
  /** These are mappings. */
  readonly sections: ReadonlySet<string>;
  readonly asked: Set<string>;
}

/** An empty mapping that notes which of its members are asked for. */
function notingMap(prefix: string, notes: Notes): YamlNode {
  const members = new Map<string, YamlNode>();
  members.get = (name) => {
    const key = prefix + name;
    if (notes.sections.has(key)) return notingMap(`${key}.`, notes);
    notes.asked.add(key);
    return undefined;
  };
  return { kind: 'map', members };
}

/** Members with any name cannot be asked for by name: the mapping that has them stands for them. */
function namesOf<Config>(settings: readonly Setting<Config>[]): string[] {
  return settings.map(({ key }) => key.replace(`.${ANY_NAME}`, ''));
}

function askedBy(read: (root: YamlNode) => unknown, names: readonly string[]): string[] {
  const sections = names.filter((name) => name.includes('.')).map((name) => name.slice(0, name.lastIndexOf('.')));
  const notes = { sections: new Set(sections), asked: new Set<string>() };
  read(notingMap('', notes));
  return [...notes.asked];
}

describe.each([
  { file: 'agent.yml', settings: namesOf(AGENT_SETTINGS), read: readAgent },
  { file: 'daemon.yml', settings: namesOf(DAEMON_SETTINGS), read: readDaemon },
])('the reference of $file', ({ settings, read }) => {
  it('has every key that the reader asks for, and no other', () => {
    expect(askedBy(read, settings).toSorted()).toEqual(settings.toSorted());
  });
});

describe('a setting of the reference', () => {
  it.each(AGENT_SETTINGS)('$key of agent.yml is where its value arrives', ({ key, example, select }) => {
    const after = readAgent(sampleTree(key, example));
    if (select === undefined) expect(after).toEqual(readAgent(undefined));
    else expect(select(after)).not.toEqual(select(readAgent(undefined)));
  });

  it.each(DAEMON_SETTINGS)('$key of daemon.yml is where its value arrives', ({ key, example, select }) => {
    const after = readDaemon(sampleTree(key, example));
    expect(select?.(after)).not.toEqual(select?.(readDaemon(undefined)));
  });

  it('is shown with the default of the reader and what a change of it does', () => {
    expect(agentReference()).toContainEqual(
      expect.stringMatching(/^\| `runtime.max_turns` \| .* \| `10` \| .* \| starts the agent again \|$/),
    );
    expect(agentReference()).toContainEqual(
      expect.stringMatching(/^\| `triggers.on_channel` \(new\) \| .* \| `true` \| .* \| at once \|$/),
    );
    expect(daemonReference()).toContainEqual(
      expect.stringMatching(/^\| `data_service.port` \| .* \| `63386` \| .* \| next start of the daemon \|$/),
    );
  });
});

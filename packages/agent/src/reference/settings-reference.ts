// The tables of docs/configuration.md. Defaults and effects are not written down: they are what the readers and
// `needsRestart` say, so that only names and meanings can be wrong, and a test holds the names to the readers.
import type { AgentConfig } from '../config/agent-config.ts';
import { needsRestart } from '../config/needs-restart.ts';
import { readAgentConfig } from '../config/read-agent-config.ts';
import { readDaemonConfig } from '../config/read-daemon-config.ts';
import { AGENT_SETTINGS } from './settings-reference-agent.ts';
import { DAEMON_SETTINGS } from './settings-reference-daemon.ts';
import { ENVIRONMENT_VARIABLES } from './settings-reference-environment.ts';
import type { YamlNode } from '../config/yaml-node.ts';

export type SettingValue = string | number | boolean | readonly string[];

export interface Setting<Config> {
  /** With dots between the levels; `<channel>` stands for any name. */
  readonly key: string;
  /** What may be written, in words. */
  readonly value: string;
  /** As typed in the file. Not the default, so that it can be seen to arrive. */
  readonly example: string;
  /** Where its value ends up. Absent: it is read and compared, and changes nothing. */
  readonly select?: (config: Config) => SettingValue | undefined;
  readonly meaning: string;
  /** 0.7.2 does not know it and ignores it. */
  readonly isAddition?: true;
  /** Of `daemon.yml`: read when the daemon starts, and not again. */
  readonly waitsForStart?: true;
}

/** Any agent: what a setting means does not depend on its name. */
const SOME_AGENT = 'helper';

export function agentReference(): readonly string[] {
  const before = readSampleAgent(undefined);
  return table(AGENT_SETTINGS, {
    config: before,
    effectOf: ({ key, example }) =>
      needsRestart(before, readSampleAgent(sampleTree(key, example))) ? 'starts the agent again' : 'at once',
  });
}

export function daemonReference(): readonly string[] {
  return table(DAEMON_SETTINGS, {
    config: readDaemonConfig(undefined).config,
    effectOf: ({ waitsForStart }) => (waitsForStart === true ? 'next start of the daemon' : 'at once'),
  });
}

export function environmentReference(): readonly string[] {
  return [
    '| Variable | Meaning |',
    '|---|---|',
    ...ENVIRONMENT_VARIABLES.map(({ name, meaning }) => `| \`${name}\` | ${meaning} |`),
  ];
}

/** A file that says nothing but this. */
export function sampleTree(key: string, example: string): YamlNode {
  return key.split('.').reduceRight<YamlNode>((member, name) => ({ kind: 'map', members: new Map([[name, member]]) }), {
    kind: 'scalar',
    text: example,
    isPlain: true,
  });
}

function readSampleAgent(root: YamlNode | undefined): AgentConfig {
  const reading = readAgentConfig(root, { id: SOME_AGENT });
  if (reading.kind === 'invalid') throw new Error(reading.reason);
  return reading.config;
}

interface TableOptions<Config> {
  readonly config: Config;
  readonly effectOf: (setting: Setting<Config>) => string;
}

function table<Config>(
  settings: readonly Setting<Config>[],
  { config, effectOf }: TableOptions<Config>,
): readonly string[] {
  return [
    '| Key | Value | Without it | Meaning | A change works |',
    '|---|---|---|---|---|',
    ...settings.map((setting) => {
      const { key, value, select, meaning, isAddition } = setting;
      const mark = isAddition === true ? ' (new)' : '';
      const effect = select === undefined ? '–' : effectOf(setting);
      return `| \`${key}\`${mark} | ${value} | ${showDefault(select?.(config))} | ${meaning} | ${effect} |`;
    }),
  ];
}

function showDefault(value: SettingValue | undefined): string {
  const texts = Array.isArray(value) ? value.map(String) : value === undefined ? [] : [String(value)];
  return texts.filter((text) => text !== '').length === 0 ? '–' : texts.map((text) => `\`${text}\``).join(', ');
}

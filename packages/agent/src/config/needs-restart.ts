import type { AgentConfig } from './agent-config.ts';

/** Whether a running worker has to be started again to follow the file. spec: daemon-and-cli 2.6, D-23 */
export function needsRestart(before: AgentConfig, after: AgentConfig): boolean {
  return (
    before.profile !== after.profile ||
    before.memoryDir !== after.memoryDir ||
    before.workspaceDir !== after.workspaceDir ||
    differs(before.puffoCore, after.puffoCore) ||
    differs(before.runtime, after.runtime)
  );
}

/** The values are texts, numbers and lists of texts. */
function differs<Section extends object>(before: Section, after: Section): boolean {
  return JSON.stringify(sorted(before)) !== JSON.stringify(sorted(after));
}

function sorted(section: object): readonly (readonly [string, unknown])[] {
  return Object.entries(section).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

// spec: mcp-tools 6.1
import { cleanLine } from '@puffo/agent';
import { resolveHarness } from '@puffo/agent/config';
import { defineTool } from '../tool-definition.ts';
import { soon } from './message-lines.ts';

export const WHOAMI = defineTool({
  name: 'whoami',
  kind: 'read',
  description: 'Who you are, whose agent you are, and what runs you.',
  input: {},
  async run(_input, { parts }) {
    const { own, client, config, workspaceDir, features, model } = parts;
    const { id, displayName, runtime, puffoCore } = config();
    const profile = (await soon(client.directory.getProfiles([own.slug])))?.get(own.slug);
    const harness = runtime.kind === 'cli-local' || runtime.kind === 'cli-docker' ? resolveHarness(runtime) : '';
    const lines: readonly (readonly [string, string])[] = [
      ['slug', own.slug],
      ['display_name', firstOf(profile?.display_name, displayName)],
      ['role', firstOf(profile?.role_short, profile?.role)],
      ['operator', puffoCore.operatorSlug === '' ? '' : `@${puffoCore.operatorSlug}`],
      ['agent_id', id],
      ['runtime', [runtime.kind, harness, model()].filter((part) => part !== '').join(', ')],
      ['workspace', features.workspaceSeenAs ?? workspaceDir],
      ['server', client.http.serverUrl],
      ['device_id', client.deviceId],
    ];
    return {
      text: lines.flatMap(([name, value]) => (value === '' ? [] : [`${name}: ${cleanLine(value, 500)}`])).join('\n'),
    };
  },
});

function firstOf(...texts: readonly (string | undefined)[]): string {
  return texts.find((text) => text !== undefined && text.trim() !== '') ?? '';
}

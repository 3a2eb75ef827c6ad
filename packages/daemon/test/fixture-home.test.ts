// A home that 0.7.2 wrote: read, changed and handed back.
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { loadAgentConfig } from '../src/home/agent-file.ts';
import { readDaemonFile, renderDaemonConfig } from '../src/home/daemon-file.ts';
import { listAgentIds } from '../src/home/list-agents.ts';
import { readPairing, writePairing } from '../src/home/pairing-record.ts';
import { readRuntimeRecord, writeRuntimeRecord } from '../src/home/runtime-record.ts';
import { configure } from '../src/operations/configure.ts';
import { renameAgent } from '../src/operations/rename-agent.ts';
import { setRuntime } from '../src/operations/set-runtime.ts';
import { pauseAgent, resumeAgent } from '../src/operations/set-state.ts';
import { copyFixtureHome, readAll } from './kit/temporary-home.ts';

const HELPER = 'helper-9a7c';

describe('a home of 0.7.2', () => {
  it('is read as it was meant', async () => {
    await using temporary = await copyFixtureHome();
    const { home } = temporary;
    expect(await listAgentIds(home)).toEqual(['boxed-33cc', 'coder-22bb', 'gem-44dd', HELPER, 'writer-11aa']);
    const kinds = await Promise.all(
      (await listAgentIds(home)).map(async (id) => (await loadAgentConfig(home.agent(id))).runtime.kind),
    );
    expect(kinds).toEqual(['cli-docker', 'cli-local', 'cli-docker', 'chat-local', 'sdk-local']);
    const { config, warnings } = await readDaemonFile(home);
    expect(warnings).toEqual([]);
    expect(config.providers).toMatchObject({
      anthropic: { apiKey: 'sk-ant-golden-daemon' },
      openai: { apiKey: 'sk-golden-openai' },
    });
    expect(await readPairing(home)).toMatchObject({ slug: 'alice-3d3d', pairedAt: 1_778_400_001_000 });
    expect(await readRuntimeRecord(home.agent(HELPER))).toMatchObject({
      status: 'stopped',
      msgCount: 7,
      startedAt: 1_778_400_000,
    });
  });

  it('is written by this program byte for byte as 0.7.2 wrote it', async () => {
    await using temporary = await copyFixtureHome();
    const { home } = temporary;
    const { config } = await readDaemonFile(home);
    expect(renderDaemonConfig(config)).toBe(await readFile(home.daemonFile, 'utf8'));
    const before = await readAll(home.folder);
    const pairing = await readPairing(home);
    if (pairing !== undefined) await writePairing(home, pairing);
    const record = await readRuntimeRecord(home.agent(HELPER));
    if (record !== undefined) await writeRuntimeRecord(home.agent(HELPER), record);
    expect(await readAll(home.folder)).toEqual(before);
  });

  it('differs after changes in those values only, and not at all when they are undone', async () => {
    await using temporary = await copyFixtureHome();
    const { home } = temporary;
    const context = temporary.context();
    const before = await readAll(home.folder);
    const agentFile = home.agent(HELPER).agentFile;
    const text = await readFile(agentFile, 'utf8');

    await pauseAgent(context, { id: HELPER });
    await renameAgent(context, { id: HELPER, displayName: ' 名前 ' });
    await setRuntime(context, { id: HELPER, changes: { model: 'm', allowedTools: ['Read'] } });
    await configure(context, { keys: { google: 'g-key' } });
    expect(await readFile(agentFile, 'utf8')).toBe(
      text
        .replace('state: running', 'state: paused')
        .replace('display_name: Helper Bot', 'display_name: 名前')
        .replace("model: ''", 'model: m')
        .replace('allowed_tools: []', 'allowed_tools:\n  - Read'),
    );

    await resumeAgent(context, { id: HELPER });
    await renameAgent(context, { id: HELPER, displayName: 'Helper Bot' });
    await setRuntime(context, { id: HELPER, changes: { model: '', allowedTools: [] } });
    const after = await readAll(home.folder);
    const changed = [...after].filter(([path, content]) => before.get(path) !== content).map(([path]) => path);
    expect(changed).toEqual(['daemon.yml']);
    expect([...after.keys()]).toEqual([...before.keys()]);
  });
});

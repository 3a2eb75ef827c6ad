// Files decide who lives. spec: daemon-and-cli 2.5, 2.6, 9.2
import { mkdir, readdir, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { waitFor } from '@puffo/testbed';
import { createDeferred } from '@puffo/base';
import { dropFlag, hasFlag } from '../../src/home/flags.ts';
import { createTroupe, makeHomeOf, openStage, readRecord, waitForRecord, writeAgent } from './kit.ts';

describe('the supervisor', () => {
  it('starts what should run, in order of ids, and stops everything at its end', async () => {
    await using temporary = await makeHomeOf('c', 'a', 'b');
    await writeAgent(temporary, 'p', { state: 'paused' });
    const troupe = createTroupe();
    {
      await using stage = await openStage({ temporary, ...troupe });
      await stage.supervisor.reconcile();
      expect(troupe.alive()).toEqual(['a', 'b', 'c']);
      expect(stage.supervisor.list().map(({ id, facts }) => [id, facts?.status])).toEqual([
        ['a', 'running'],
        ['b', 'running'],
        ['c', 'running'],
        ['p', undefined],
      ]);
    }
    expect(troupe.workers.map(({ deeds }) => deeds)).toEqual([
      ['stop 10000', 'close'],
      ['stop 10000', 'close'],
      ['stop 10000', 'close'],
    ]);
    for (const id of ['a', 'b', 'c']) expect(await readRecord(temporary, id)).toMatchObject({ status: 'stopped' });
  });

  it('finds a new agent without being told', async () => {
    await using temporary = await makeHomeOf();
    const troupe = createTroupe();
    await using _stage = await openStage({ temporary, ...troupe });
    await writeAgent(temporary, 'new');
    await waitFor(() => troupe.alive().includes('new'), 'the new agent');
    expect(await waitForRecord(temporary, 'new', () => true)).toMatchObject({ status: 'running', phase: 'starting' });
  });

  it('pauses and resumes', async () => {
    await using temporary = await makeHomeOf('x');
    const troupe = createTroupe();
    await using stage = await openStage({ temporary, ...troupe });
    await stage.supervisor.reconcile();
    await writeAgent(temporary, 'x', { state: 'paused' });
    await stage.supervisor.reconcile();
    expect(await readRecord(temporary, 'x')).toMatchObject({ status: 'stopped' });
    expect(troupe.alive()).toEqual([]);
    await writeAgent(temporary, 'x');
    await stage.supervisor.reconcile();
    expect(troupe.alive()).toEqual(['x']);
  });

  it('restarts for another model, hands on another name, and does nothing for the same words', async () => {
    await using temporary = await makeHomeOf('x');
    const troupe = createTroupe();
    await using stage = await openStage({ temporary, ...troupe });
    await stage.supervisor.reconcile();
    await writeAgent(temporary, 'x');
    await stage.supervisor.reconcile();
    expect(troupe.of('x')[0]?.deeds).toEqual([]);
    await writeAgent(temporary, 'x', { displayName: 'Ann' });
    await stage.supervisor.reconcile();
    expect(troupe.of('x')[0]?.configs.map(({ displayName }) => displayName)).toEqual(['x', 'Ann']);
    await writeAgent(temporary, 'x', { displayName: 'Ann', model: 'other' });
    await stage.supervisor.reconcile();
    const [first, second] = troupe.of('x');
    expect(first?.deeds).toEqual(['apply', 'stop 30000', 'close']);
    expect(second?.configs[0]?.runtime.model).toBe('other');
  });

  it('sees a change that leaves size and time as they were', async () => {
    await using temporary = await makeHomeOf('x');
    const troupe = createTroupe();
    await using stage = await openStage({ temporary, ...troupe });
    for (const model of ['m1', 'm2', 'm3', 'm4']) {
      await writeAgent(temporary, 'x', { model });
      await stage.supervisor.reconcile();
      expect(troupe.workers.at(-1)?.options.config.runtime.model).toBe(model);
    }
  });

  it('restarts for restart.flag, and removes it', async () => {
    await using temporary = await makeHomeOf('x', 'y');
    const troupe = createTroupe();
    await using stage = await openStage({ temporary, ...troupe });
    await stage.supervisor.reconcile();
    await dropFlag(temporary.home.agent('x'), 'restart');
    await waitFor(() => troupe.of('x').length === 2, 'the second worker');
    expect(await hasFlag(temporary.home.agent('x'), 'restart')).toBe(false);
    await dropFlag(temporary.home.agent('x'), 'restart');
    await waitFor(() => troupe.of('x').length === 3, 'the third worker');
    expect(troupe.alive()).toEqual(['y', 'x']);
  });

  it('archives for archive.flag, deletes for delete.flag, and lets go of the history before', async () => {
    await using temporary = await makeHomeOf('x', 'y');
    const { home } = temporary;
    const troupe = createTroupe();
    await using stage = await openStage({ temporary, ...troupe });
    await stage.supervisor.reconcile();
    await dropFlag(home.agent('x'), 'archive');
    await dropFlag(home.agent('y'), 'delete');
    await stage.supervisor.reconcile();
    expect(await readdir(home.agentsFolder)).toEqual([]);
    const archived = await readdir(home.archivedFolder);
    expect(archived).toEqual([expect.stringMatching(/^x-ws-\d{8}-\d{6}$/)]);
    expect(await readdir(join(home.archivedFolder, archived[0] ?? '', '.puffo-agent'))).toEqual([]);
    expect(stage.forgotten.toSorted()).toEqual(['x', 'y']);
    expect(troupe.alive()).toEqual([]);
  });

  it('tries a flag again that could not be obeyed', async () => {
    await using temporary = await makeHomeOf('x');
    const { home } = temporary;
    const troupe = createTroupe();
    await using stage = await openStage({ temporary, ...troupe });
    await stage.supervisor.reconcile();
    await writeFile(home.archivedFolder, 'in the way');
    await dropFlag(home.agent('x'), 'archive');
    await waitFor(() => stage.lines.some(({ event }) => event === 'agent-change-failed'), 'the failure');
    await waitFor(() => troupe.alive().length === 0, 'the end of the worker');
    await unlink(home.archivedFolder);
    await waitFor(async () => (await readdir(home.agentsFolder)).length === 0, 'the archive');
    expect(await readdir(home.archivedFolder)).toHaveLength(1);
  });

  it('leaves nothing behind when a folder is removed by hand, and its id is free again', async () => {
    await using temporary = await makeHomeOf('x');
    const { home } = temporary;
    const troupe = createTroupe();
    await using stage = await openStage({ temporary, ...troupe });
    await stage.supervisor.reconcile();
    await waitForRecord(temporary, 'x', () => true);
    await rm(home.agent('x').folder, { recursive: true });
    await waitFor(() => troupe.of('x')[0]?.deeds.includes('close'), 'the end of the worker');
    await stage.supervisor.reconcile();
    await expect(stat(home.agent('x').folder)).rejects.toThrow('ENOENT');
    expect(stage.supervisor.list()).toEqual([]);
    await writeAgent(temporary, 'x');
    await stage.supervisor.reconcile();
    expect(troupe.alive()).toEqual(['x']);
  });

  it('warns once of an unreadable file, keeps its worker, and goes on with the others', async () => {
    await using temporary = await makeHomeOf('x', 'y');
    const troupe = createTroupe();
    await using stage = await openStage({ temporary, ...troupe });
    await stage.supervisor.reconcile();
    await writeFile(temporary.home.agent('x').agentFile, 'id: [');
    await writeAgent(temporary, 'z');
    for (let round = 0; round < 3; round++) await stage.supervisor.reconcile();
    expect(troupe.alive()).toEqual(['x', 'y', 'z']);
    const warnings = stage.lines.filter(({ level }) => level === 'warn');
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatchObject({ event: 'agent-file-problem', fields: { agent: 'x' } });
  });

  it('neither starts nor stops for a state that it does not know, and says so once', async () => {
    await using temporary = await makeHomeOf('x');
    await writeAgent(temporary, 'y', { state: 'banana' });
    const troupe = createTroupe();
    await using stage = await openStage({ temporary, ...troupe });
    await stage.supervisor.reconcile();
    await writeAgent(temporary, 'x', { state: 'banana' });
    for (let round = 0; round < 3; round++) await stage.supervisor.reconcile();
    expect(troupe.alive()).toEqual(['x']);
    expect(stage.lines.filter(({ level }) => level === 'warn').map(({ fields }) => fields['agent'])).toEqual([
      'y',
      'x',
    ]);
  });

  it('is not held up by one that stops slowly', async () => {
    await using temporary = await makeHomeOf('slow', 'x');
    const release = createDeferred<void>();
    const troupe = createTroupe((id) => (id === 'slow' ? { stopping: release.promise } : {}));
    await using _stage = await openStage({ temporary, ...troupe });
    await waitFor(() => troupe.alive().length === 2, 'both workers');
    await writeAgent(temporary, 'slow', { state: 'paused' });
    await waitFor(() => troupe.of('slow')[0]?.deeds.includes('stop 10000'), 'the stop of the slow one');
    await writeAgent(temporary, 'x', { model: 'other' });
    await waitFor(() => troupe.of('x').length === 2, 'the restart of the other one');
    expect(troupe.of('slow')[0]?.deeds).not.toContain('close');
    release.resolve();
    await waitForRecord(temporary, 'slow', ({ status }) => status === 'stopped');
  });

  it('passes over what is no agent', async () => {
    await using temporary = await makeHomeOf('x');
    const { home } = temporary;
    await writeFile(join(home.agentsFolder, 'notes.txt'), 'by hand');
    await mkdir(join(home.agentsFolder, 'empty'));
    await mkdir(home.agent('odd').agentFile, { recursive: true });
    const troupe = createTroupe();
    await using stage = await openStage({ temporary, ...troupe });
    await stage.supervisor.reconcile();
    expect(stage.supervisor.list().map(({ id }) => id)).toEqual(['x']);
    expect(stage.lines.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  });

  it('takes the name of the folder for the id', async () => {
    await using temporary = await makeHomeOf();
    await mkdir(temporary.home.agent('m1').folder);
    await writeFile(temporary.home.agent('m1').agentFile, 'id: other\nstate: running\n');
    const troupe = createTroupe();
    await using stage = await openStage({ temporary, ...troupe });
    for (let round = 0; round < 3; round++) await stage.supervisor.reconcile();
    expect(troupe.alive()).toEqual(['m1']);
    expect(await readdir(temporary.home.agentsFolder)).toEqual(['m1']);
    expect(stage.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });
});

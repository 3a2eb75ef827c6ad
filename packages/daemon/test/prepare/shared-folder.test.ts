// spec: daemon-and-cli D-32, runtimes 8.3
import { describe, expect, it } from 'vitest';
import { bringSharedFolderUpToDate, readEditedPrimer } from '../../src/prepare/shared-folder.ts';
import { type ShippedTexts, shippedTexts } from '../../src/prepare/shipped-texts.ts';
import { createPlace, type Place } from './kit.ts';

const SHARED = 'home/docker/shared';
const OLD: ShippedTexts = {
  primer: '# Puffo.ai platform primer\n\nAs it was.\n',
  readme: 'As it was.\n',
  skills: [
    { name: 'send-message', text: 'Send, as it was.' },
    { name: 'gone', text: 'Not shipped any more.' },
  ],
};

function shipTo(place: Place, texts: ShippedTexts): Promise<void> {
  return bringSharedFolderUpToDate(place.home.primerFolder, { texts, logger: place.logger });
}

describe('a shared text', () => {
  it('runtimes 70: that nobody changed is brought up to date, also from two versions ago', async () => {
    await using place = await createPlace();
    await shipTo(place, OLD);
    await shipTo(place, { ...OLD, primer: 'In between.' });
    await place.put(`${SHARED}/CLAUDE.md`, OLD.primer);
    await place.prepare();
    const current = shippedTexts();
    expect(await place.text(`${SHARED}/CLAUDE.md`)).toBe(current.primer);
    expect(await place.text(`${SHARED}/README.md`)).toBe(current.readme);
    expect(await place.text(`${SHARED}/skills/send-message.md`)).toContain('name: send-message');
    expect(place.warnings()).toEqual([]);
  });

  it('runtimes 70: that somebody changed stays, and that is said', async () => {
    await using place = await createPlace();
    await shipTo(place, OLD);
    await place.put(`${SHARED}/CLAUDE.md`, `${OLD.primer}And more.\n`);
    await shipTo(place, shippedTexts());
    expect(await place.text(`${SHARED}/CLAUDE.md`)).toBe(`${OLD.primer}And more.\n`);
    expect(place.lines).toContainEqual(
      expect.objectContaining({
        event: 'shared-texts-edited',
        fields: expect.objectContaining({ files: 'CLAUDE.md' }),
      }),
    );
  });

  it('that is not known in a home of 0.7.2 stays, with one warning', async () => {
    await using place = await createPlace();
    await place.put(`${SHARED}/CLAUDE.md`, '# Puffo.ai platform primer\n\nOf 0.7.2.\n');
    await place.prepare();
    expect(place.warnings()).toEqual(['shared-texts-edited']);
    await place.prepare();
    expect(place.warnings()).toEqual(['shared-texts-edited']);
    expect(await place.text(`${SHARED}/CLAUDE.md`)).toContain('Of 0.7.2.');
  });

  it('behind a link is the operator’s, and what it leads to is not written', async () => {
    await using place = await createPlace();
    await place.put('elsewhere/primer.md', 'From the repository of the team.');
    await place.link(`${SHARED}/CLAUDE.md`, 'elsewhere/primer.md');
    const { systemPrompt } = await place.prepare();
    expect(await place.text('elsewhere/primer.md')).toBe('From the repository of the team.');
    expect(systemPrompt({ speaksByText: false })).toBe('From the repository of the team.\n');
    expect(await place.names(`${SHARED}/skills`)).toHaveLength(10);
    expect(place.warnings()).toEqual(['shared-texts-edited']);
  });

  it('is for this user only', async () => {
    await using place = await createPlace();
    await place.prepare();
    expect(await place.mode(`${SHARED}/CLAUDE.md`)).toBe('600');
    expect(await place.mode(`${SHARED}/skills`)).toBe('700');
  });
});

describe('the primer that an agent gets', () => {
  it('is the current one while a former one could not be replaced', async () => {
    await using place = await createPlace();
    await shipTo(place, OLD);
    const options = { texts: shippedTexts(), logger: place.logger };
    expect(await readEditedPrimer(place.home.primerFolder, options)).toBe(undefined);
    await place.put(`${SHARED}/CLAUDE.md`, 'Edited.');
    expect(await readEditedPrimer(place.home.primerFolder, options)).toBe('Edited.');
  });

  it('speaks of tools only to engines that have some', async () => {
    await using place = await createPlace();
    const { systemPrompt } = await place.prepare();
    expect(systemPrompt({ speaksByText: false })).toContain('send_message');
    expect(systemPrompt({ speaksByText: true })).not.toContain('send_message');
    expect(systemPrompt({ speaksByText: true })).toMatch(/^# Puffo\.ai platform primer\n/);
  });

  it('is the edited one for every engine', async () => {
    await using place = await createPlace();
    await place.put(`${SHARED}/CLAUDE.md`, 'Edited.');
    const { systemPrompt } = await place.prepare();
    expect([systemPrompt({ speaksByText: false }), systemPrompt({ speaksByText: true })]).toEqual([
      'Edited.\n',
      'Edited.\n',
    ]);
  });

  it('is the shipped one when the file cannot be read', async () => {
    await using place = await createPlace();
    await place.put(`${SHARED}/CLAUDE.md/a-file-in-a-folder`, '');
    const { systemPrompt } = await place.prepare();
    expect(systemPrompt({ speaksByText: true })).toMatch(/^# Puffo\.ai platform primer\n/);
    expect(place.warnings()).toContain('preparation-incomplete');
  });

  it.each([
    ['cli-local', 'claude-code', ['`CLAUDE.md` in your workspace', '`../memory`', 'home/shared`', 'Your skills']],
    ['cli-local', 'codex', ['`AGENTS.md` in your workspace']],
    ['cli-docker', 'gemini-cli', ['`GEMINI.md` in your workspace', '`/workspace/.shared`']],
  ] as const)('says where things are: %s with %s', async (kind, harness, expected) => {
    await using place = await createPlace();
    const { systemPrompt } = await place.prepare({ runtime: { kind, harness } });
    for (const text of expected) expect(systemPrompt({ speaksByText: false })).toContain(text);
  });

  it('does not name a place of the host to an agent in a container', async () => {
    await using place = await createPlace();
    const { systemPrompt } = await place.prepare({ runtime: { kind: 'cli-docker' } });
    expect(systemPrompt({ speaksByText: false })).not.toContain(place.folder);
    expect(systemPrompt({ speaksByText: false })).not.toContain('../memory');
  });
});

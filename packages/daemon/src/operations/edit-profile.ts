// spec: daemon-and-cli 4.15, D-17
import { findProgram, runProgram } from '@puffo/host';
import { DaemonError } from '../daemon-error.ts';
import { HOME_VARIABLE } from '../home/resolve-home.ts';
import { type OperationContext, requireAgent } from './context.ts';
import { loadDraft } from './load-draft.ts';
import { splitWords } from './split-words.ts';

/** The editor has the terminal until it ends; how it ends does not matter. */
export async function editProfile(context: OperationContext, { id }: { readonly id: string }): Promise<void> {
  const { home, environment, platform, signal } = context;
  const agent = await requireAgent(context, id);
  const { draft } = await loadDraft(context, agent);
  const editor = (environment['EDITOR'] ?? '').trim() || (platform === 'win32' ? 'notepad' : 'vi');
  // The separator of paths on Windows is not the escape of a shell.
  const words = splitWords(platform === 'win32' ? editor.replaceAll('\\', '\\\\') : editor);
  const [name = '', ...args] = words ?? [];
  const program = await findProgram(name, { environment });
  if (program === undefined) {
    throw new DaemonError(`editor '${name === '' ? editor : name}' not found. Set $EDITOR and retry.`, {
      code: 'missing-program',
    });
  }
  await runProgram(program, [...args, agent.resolve(draft.profile)], {
    environment: { ...environment, [HOME_VARIABLE]: home.folder },
    output: { kind: 'terminal' },
    signal,
  });
}

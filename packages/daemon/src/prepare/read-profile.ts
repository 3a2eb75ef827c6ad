// The role of an agent, as its operator wrote it. spec: daemon-and-cli 1.16, D-36
import type { Logger } from '@puffo/base';
import { DaemonError } from '../daemon-error.ts';
import { type AgentFolders, pathInside } from './agent-folders.ts';
import { reasonOf } from './attempt.ts';
import { readAgentText } from './read-agent-text.ts';
import { readBounded } from './read-bounded.ts';

const MAX_BYTES = 1024 * 1024;

/** A missing one is empty. One that cannot be read is a failure: nobody wants an agent that does not keep to its role. */
export async function readProfile({ profile, workspace }: AgentFolders, logger: Logger): Promise<string> {
  const inside = pathInside(workspace.path, profile);
  try {
    const file =
      inside === undefined
        ? await readBounded(profile, { maxBytes: MAX_BYTES, followsLinks: true })
        : await workspace.read(inside, { maxBytes: MAX_BYTES });
    return file === undefined ? '' : readAgentText(file, { path: profile, logger });
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === undefined) throw error;
    throw new DaemonError(`Cannot read the profile ${profile}: ${reason}`, { code: 'invalid-file', cause: error });
  }
}

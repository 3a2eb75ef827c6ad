import { lstat } from 'node:fs/promises';
import type { OperationContext } from '@puffo/daemon/home';

/** Whether the agent has a folder. */
export async function isThere({ home }: OperationContext, id: string): Promise<boolean> {
  try {
    await lstat(home.agent(id).folder);
    return true;
  } catch {
    return false;
  }
}

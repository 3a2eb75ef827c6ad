// What an agent has of a login: everything but the right to refresh it, for this user only. spec: runtimes 5.4, statement 46
import type { GuardedFolder } from '../prepare/guarded-folder.ts';
import { readHostLogin } from './host-login.ts';
import { type LoginName, LOGINS } from './login.ts';

/** `missing`: the user has no such login, or none that can be read now; what the agent has is left alone. */
export type ViewResult = 'written' | 'same' | 'missing';

export interface ViewOptions {
  readonly login: LoginName;
  /** Of the user. */
  readonly homeFolder: string;
}

/** A link of an earlier version at its place is replaced. */
export async function writeView(agent: GuardedFolder, { login: name, homeFolder }: ViewOptions): Promise<ViewResult> {
  const login = LOGINS[name];
  const host = await readHostLogin(login, homeFolder);
  if (host.kind !== 'there') return 'missing';
  const isNew = await agent.write(login.file, JSON.stringify(login.viewOf(host.value), undefined, 2));
  return isNew ? 'written' : 'same';
}

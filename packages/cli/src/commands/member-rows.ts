import type { ChannelMemberEntry, Slug } from '@puffo/protocol';
import { cleanName } from '../output/clean-text.ts';
import type { Paint } from '../output/paint.ts';

interface Member extends Pick<ChannelMemberEntry, 'role' | 'display_name' | 'identity_type'> {
  readonly online?: boolean | undefined;
  readonly slug: Slug;
}

/** Cells for `columns`: slug, name, role, what it is. */
export function memberRows(members: readonly Member[], paint: Paint): readonly (readonly string[])[] {
  return members.map(({ slug, display_name, role, identity_type, online }) => [
    paint.cyan(`@${slug}`),
    cleanName(display_name ?? ''),
    cleanName(role ?? 'member'),
    identity_type === 'agent' ? 'agent' : '',
    online === undefined ? '' : online ? paint.green('online') : paint.dim('offline'),
  ]);
}

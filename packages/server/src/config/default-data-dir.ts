import { isAbsolute, join } from 'node:path';

export interface Place {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly platform: string;
}

/** Where programs of this platform keep their data. */
export function defaultDataDir({ env, home, platform }: Place): string {
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'puffo-server');
  const [chosen, usual] =
    platform === 'win32'
      ? [env['LOCALAPPDATA'], join(home, 'AppData', 'Local')]
      : [env['XDG_DATA_HOME'], join(home, '.local', 'share')];
  return join(chosen !== undefined && isAbsolute(chosen) ? chosen : usual, 'puffo-server');
}

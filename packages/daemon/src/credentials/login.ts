// The logins that programs of vendors keep in the home of the user: where they are, what of them an agent may have, and how they
// are refreshed. spec: runtimes 5.4, 5.5, 10.3
import { type RuntimeConfig, resolveHarness } from '@puffo/agent/config';
import { decodeBase64url, decodeUtf8, isJsonObject, type JsonObject, safeParseJson } from '@puffo/base';

export type LoginName = 'claude' | 'codex';

export interface Login {
  readonly name: LoginName;
  /** Below the home of the user, and at the same place below the folder of an agent. With `/`. */
  readonly file: string;
  /** Refreshes the login as a side effect of the smallest turn. */
  readonly helper: { readonly program: string; readonly args: readonly string[] };
  /** Without what would let its holder refresh it, and so end the login of everybody else. */
  viewOf(login: JsonObject): JsonObject;
  /** ms; `undefined`: it does not say, or does not end. */
  expiresAt(login: JsonObject): number | undefined;
  canRefresh(login: JsonObject): boolean;
}

const CLAUDE: Login = {
  name: 'claude',
  file: '.claude/.credentials.json',
  helper: {
    program: 'claude',
    // No tool is allowed in this mode, and no server of the user's is started.
    args: ['--print', '--max-turns', '1', '--output-format', 'json', '--strict-mcp-config', '--model', 'haiku', 'ok'],
  },
  viewOf: (login) => withoutMembers(login, ['refreshToken', 'refresh_token']),
  expiresAt(login) {
    const expiresAt = membersOf(login, 'claudeAiOauth')['expiresAt'];
    return typeof expiresAt === 'number' ? expiresAt : undefined;
  },
  canRefresh: (login) => isText(membersOf(login, 'claudeAiOauth')['refreshToken']),
};

/** Codex wants the member, and refreshes by itself what it takes for old: it has nothing to do that with. */
const NEVER_OLD = '2999-01-01T00:00:00Z';

const CODEX: Login = {
  name: 'codex',
  file: '.codex/auth.json',
  helper: {
    program: 'codex',
    args: ['exec', '--skip-git-repo-check', '--sandbox', 'read-only', '--ephemeral', 'ok'],
  },
  viewOf(login) {
    const { tokens } = login;
    if (!isJsonObject(tokens)) return login;
    return { ...login, tokens: { ...tokens, refresh_token: '' }, last_refresh: NEVER_OLD };
  },
  expiresAt(login) {
    const token = membersOf(login, 'tokens')['access_token'];
    return typeof token === 'string' ? expiryOfToken(token) : undefined;
  },
  canRefresh: (login) => isText(membersOf(login, 'tokens')['refresh_token']),
};

export const LOGINS: Readonly<Record<LoginName, Login>> = { claude: CLAUDE, codex: CODEX };

/** What an agent on this machine works with; in a container it has none of the machine's. */
export function loginOf(runtime: Pick<RuntimeConfig, 'kind' | 'provider' | 'harness'>): LoginName | undefined {
  if (runtime.kind !== 'cli-local') return undefined;
  switch (resolveHarness(runtime)) {
    case 'claude-code':
      return 'claude';
    case 'codex':
      return 'codex';
    default:
      return undefined;
  }
}

function membersOf(login: JsonObject, name: string): JsonObject {
  const value = login[name];
  return isJsonObject(value) ? value : {};
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

/** At every depth: logins at other services stand beside the one of the program. */
function withoutMembers(object: JsonObject, names: readonly string[]): JsonObject {
  const kept = Object.entries(object).filter(([name]) => !names.includes(name));
  return Object.fromEntries(
    kept.map(([name, value]) => [name, isJsonObject(value) ? withoutMembers(value, names) : value]),
  );
}

/** Its signature is the provider's business. `undefined`: it is no token that says when it ends. */
function expiryOfToken(token: string): number | undefined {
  const [, payload = ''] = token.split('.');
  const bytes = decodeBase64url(payload);
  const text = bytes === undefined ? undefined : decodeUtf8(bytes);
  if (text === undefined) return undefined;
  const parsed = safeParseJson(text, { maxLength: 64 * 1024, maxDepth: 16, integers: 'any' });
  if (parsed.kind !== 'value' || !isJsonObject(parsed.value)) return undefined;
  const { exp } = parsed.value;
  return typeof exp === 'number' ? exp * 1000 : undefined;
}

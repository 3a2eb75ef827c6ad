// The command line of `codex app-server`: everything that we decide, above what stands in the agent's `config.toml`, so that the
// file stays the operator's. No secret is in it, and no prompt. spec: runtimes 10.3; mcp-tools 3.3
import type { ToolEndpoint } from '../../spec/tools.ts';
import type { CodexGateway, CodexSettings } from './codex-options.ts';

/** The server's name, and so the beginning of what the model calls our tools. */
export const TOOL_SERVER = 'puffo';
export const TOKEN_VARIABLE = 'PUFFO_TOOL_TOKEN';

/** Models of today reach tools of MCP servers only from inside scripts, or after a search; these stand in every request. */
const DIRECT_TOOLS = ['features.code_mode.direct_only_tool_namespaces', [`mcp__${TOOL_SERVER}`]] as const;

type TomlValue = string | number | boolean | readonly TomlValue[] | { readonly [name: string]: TomlValue };
type Setting = readonly [path: string, value: TomlValue];

const COMMON: readonly Setting[] = [
  ['cli_auth_credentials_store', 'file'],
  ['check_for_update_on_startup', false],
  // Instructions are looked for in the workspace, and not in the folders of the operator above it.
  ['project_root_markers', []],
  // Variables that look like secrets do not reach the commands of the model.
  ['shell_environment_policy.ignore_default_excludes', false],
  // Sub-agents have a `send_message` of their own, and speak to nobody.
  ['agents.enabled', false],
  // Turns begin when we begin them, and end when the provider is away.
  ['features.goals', false],
  ['features.sleep_tool', false],
  ['features.unbounded_connection_retries', false],
  // Those would call home, and bring tools of the operator's account.
  ['features.apps', false],
  ['features.plugins', false],
];

export function codexArguments({ gateway }: CodexSettings, endpoint: ToolEndpoint | undefined): readonly string[] {
  const settings = [...COMMON, ...gatewaySettings(gateway), ...toolSettings(endpoint)];
  return ['app-server', ...settings.flatMap(([path, value]) => ['-c', `${path}=${toToml(value)}`])];
}

/** Codex's own providers cannot be changed, so this one has a name that nobody else uses. */
const GATEWAY = 'puffo_gateway';
/** More is the caller's business, who waits longer between attempts. */
const GATEWAY_RETRIES = 1;

function gatewaySettings(gateway: CodexGateway | undefined): readonly Setting[] {
  if (gateway === undefined) return [];
  const provider = {
    name: GATEWAY,
    base_url: gateway.baseUrl,
    env_key: gateway.keyVariable,
    wire_api: 'responses',
    request_max_retries: GATEWAY_RETRIES,
    stream_max_retries: GATEWAY_RETRIES,
  };
  return [
    ['model_provider', GATEWAY],
    [`model_providers.${GATEWAY}`, provider],
  ];
}

const STARTUP_SECONDS = 20;
/** Tools wait for people; the agent's host has limits of its own. */
const TOOL_SECONDS = 24 * 60 * 60;

function toolSettings(endpoint: ToolEndpoint | undefined): readonly Setting[] {
  if (endpoint === undefined) return [];
  const server = {
    url: endpoint.url,
    bearer_token_env_var: TOKEN_VARIABLE,
    // Threads wait for it, and do not begin without.
    required: true,
    default_tools_approval_mode: 'approve',
    startup_timeout_sec: STARTUP_SECONDS,
    tool_timeout_sec: TOOL_SECONDS,
  };
  return [DIRECT_TOOLS, [`mcp_servers.${TOOL_SERVER}`, server]];
}

function toToml(value: TomlValue): string {
  if (typeof value === 'string') return toTomlString(value);
  if (typeof value !== 'object') return String(value);
  if (isList(value)) return `[${value.map(toToml).join(',')}]`;
  return `{${Object.entries(value)
    .map(([name, member]) => `${name}=${toToml(member)}`)
    .join(',')}}`;
}

function isList(value: TomlValue): value is readonly TomlValue[] {
  return Array.isArray(value);
}

/** JSON's escapes are TOML's, except that TOML wants DEL escaped, too. */
function toTomlString(text: string): string {
  return JSON.stringify(text).replaceAll('\u007f', '\\u007f');
}

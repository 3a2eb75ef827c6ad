// What has to stand in the agent's `.gemini/settings.json`, beside whatever else stands there. spec: runtimes 10.4, mcp-tools 3.3
import { isJsonObject, type JsonObject, type JsonValue } from '@puffo/base';
import type { ToolEndpoint } from '../../spec/tools.ts';
import { TOKEN_VARIABLE } from './gemini-command.ts';

const SERVER_NAME = 'puffo';

export function mergeGeminiSettings(existing: JsonObject, endpoint: ToolEndpoint | undefined): JsonObject {
  const managed: JsonObject = {
    general: {
      // Failures are reported at once: whoever runs the turn knows when to try again.
      maxAttempts: 1,
      // Its clean-up takes away sessions that have been resumed, together with an empty twin of theirs.
      sessionRetention: { enabled: false },
      // A mode that the model enters, and nobody is there to leave.
      plan: { enabled: false },
      enableAutoUpdate: false,
      enableAutoUpdateNotification: false,
    },
    privacy: { usageStatisticsEnabled: false },
    // Else an `.env` in a folder above the workspace, such as the operator's, is taken.
    advanced: { ignoreLocalEnv: true },
    // Else `@name` in the prompt is replaced by a file of that name, or by a complaint.
    context: { importFormat: 'flat' },
    security: { auth: { selectedType: 'gemini-api-key' } },
  };
  const merged = mergeObjects(existing, managed);
  return withServer(merged, endpoint === undefined ? undefined : describeServer(endpoint));
}

/** Settings of a workspace without our server, or `undefined` when there is none in them: 0.7.2 wrote it there. */
export function withoutOwnServer(settings: JsonObject): JsonObject | undefined {
  const { mcpServers } = settings;
  if (!isJsonObject(mcpServers) || mcpServers[SERVER_NAME] === undefined) return undefined;
  return withServer(settings, undefined);
}

function describeServer({ url }: ToolEndpoint): JsonObject {
  return { httpUrl: url, headers: { Authorization: `Bearer $${TOKEN_VARIABLE}` }, trust: true };
}

function withServer(settings: JsonObject, server: JsonObject | undefined): JsonObject {
  const { mcpServers = {}, ...rest } = settings;
  const { [SERVER_NAME]: _old, ...others } = isJsonObject(mcpServers) ? mcpServers : {};
  const servers = server === undefined ? others : { ...others, [SERVER_NAME]: server };
  return Object.keys(servers).length === 0 ? rest : { ...rest, mcpServers: servers };
}

function mergeObjects(under: JsonObject, over: JsonObject): JsonObject {
  const merged: Record<string, JsonValue> = { ...under };
  for (const [name, value] of Object.entries(over)) {
    const below = under[name];
    merged[name] = isJsonObject(value) && isJsonObject(below) ? mergeObjects(below, value) : value;
  }
  return merged;
}

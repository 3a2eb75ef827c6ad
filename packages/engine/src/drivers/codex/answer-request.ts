// What codex asks of us: whether it may. Our own tools never get here; what nobody can answer is refused.
// spec: runtimes 5.9, 10.3.2
import { resolve, sep } from 'node:path';
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '@puffo/base';
import type { AskPermission, PermissionDecision } from '../../spec/permission.ts';
import type { ServerRequest } from './app-server.ts';
import { TOOL_SERVER } from './codex-arguments.ts';
import { objectIn, textIn } from './read-frame.ts';

export interface RequestContext {
  readonly askPermission: AskPermission | undefined;
  readonly acceptsEdits: boolean;
  readonly workspaceDir: string;
  /** Of an item that has begun: codex shows the changes of files before it asks about them. */
  findItem(itemId: string): JsonObject | undefined;
  /** Ends with the turn. */
  readonly signal: AbortSignal;
}

/** `undefined`: not a question that we know. Never fails. */
export async function answerRequest(request: ServerRequest, context: RequestContext): Promise<JsonObject | undefined> {
  const { params } = request;
  switch (request.method) {
    case 'item/commandExecution/requestApproval':
      return { decision: wordOf(await ask(commandQuestion(request), context)) };
    case 'item/fileChange/requestApproval':
      return { decision: wordOf(await decideOnChanges(request, context)) };
    case 'item/permissions/requestApproval':
      return grant(params, await ask(permissionsQuestion(request), context));
    case 'mcpServer/elicitation/request':
      return answerServer(request, context);
    case 'item/tool/requestUserInput':
      return { answers: {} };
    default:
      return undefined;
  }
}

interface Question {
  readonly requestId: string;
  readonly toolName: string;
  readonly input: JsonObject;
  readonly description: string;
}

const REFUSED: PermissionDecision = { kind: 'deny', message: '' };

async function ask(question: Question, { askPermission, signal }: RequestContext): Promise<PermissionDecision> {
  if (askPermission === undefined || signal.aborted) return REFUSED;
  return askPermission(question, signal);
}

/** Codex has words of its own for the model, and none for ours. */
function wordOf(decision: PermissionDecision): 'accept' | 'acceptForSession' | 'decline' {
  if (decision.kind === 'deny') return 'decline';
  return decision.scope === 'session' ? 'acceptForSession' : 'accept';
}

function commandQuestion(request: ServerRequest): Question {
  const { params } = request;
  const kind = textIn(params, 'kind');
  return {
    requestId: requestIdOf(request),
    toolName: 'shell',
    input: pick(params, ['command', 'cwd', 'networkApprovalContext', ...(kind === 'command' ? [] : ['kind'])]),
    description: textIn(params, 'reason'),
  };
}

function permissionsQuestion(request: ServerRequest): Question {
  const { params } = request;
  return {
    requestId: requestIdOf(request),
    toolName: 'request_permissions',
    input: pick(params, ['permissions', 'cwd']),
    description: textIn(params, 'reason'),
  };
}

async function decideOnChanges(request: ServerRequest, context: RequestContext): Promise<PermissionDecision> {
  const { params } = request;
  const item = context.findItem(textIn(params, 'itemId')) ?? {};
  const changes = item['changes'] ?? null;
  const hasRoot = textIn(params, 'grantRoot') !== '';
  if (context.acceptsEdits && !hasRoot && areWithin(changes, context.workspaceDir)) {
    return { kind: 'allow', scope: 'once' };
  }
  const input = { ...pick(item, ['changes']), ...pick(params, ['grantRoot']) };
  const description = textIn(params, 'reason');
  return ask({ requestId: requestIdOf(request), toolName: 'apply_patch', input, description }, context);
}

function areWithin(changes: JsonValue, folder: string): boolean {
  return isJsonArray(changes) && changes.length > 0 && changes.every((change) => isWithin(change, folder));
}

/** A file that moves is asked about. */
function isWithin(change: JsonValue, folder: string): boolean {
  if (!isJsonObject(change) || textIn(objectIn(change, 'kind'), 'move_path') !== '') return false;
  const root = resolve(folder);
  const path = resolve(root, textIn(change, 'path'));
  return path.startsWith(root.endsWith(sep) ? root : `${root}${sep}`);
}

function grant(params: JsonObject, decision: PermissionDecision): JsonObject {
  if (decision.kind === 'deny') return { permissions: {}, scope: 'turn' };
  const wanted = Object.entries(objectIn(params, 'permissions')).filter(([, value]) => value !== null);
  return { permissions: Object.fromEntries(wanted), scope: decision.scope === 'session' ? 'session' : 'turn' };
}

/** Calls of tools of other servers; whatever else a server wants of a person, there is none here. */
async function answerServer(request: ServerRequest, context: RequestContext): Promise<JsonObject> {
  const { params } = request;
  const server = textIn(params, 'serverName');
  const meta = objectIn(params, '_meta');
  if (textIn(meta, 'codex_approval_kind') !== 'mcp_tool_call') return { action: 'decline', content: null, _meta: null };
  if (server === TOOL_SERVER) return { action: 'accept', content: {}, _meta: null };
  const toolName = ['mcp', server, textIn(meta, 'tool_name')].filter((part) => part !== '').join('__');
  const input = objectIn(meta, 'tool_params');
  const question = { requestId: requestIdOf(request), toolName, input, description: textIn(params, 'message') };
  const decision = await ask(question, context);
  if (decision.kind === 'deny') return { action: 'decline', content: null, _meta: null };
  return { action: 'accept', content: {}, _meta: decision.scope === 'session' ? { persist: 'session' } : null };
}

/** Of the call where there is one. */
function requestIdOf({ id, params }: ServerRequest): string {
  return textIn(params, 'approvalId') || textIn(params, 'itemId') || `${textIn(params, 'turnId')}/${id}`;
}

/** Without what is absent. */
function pick(params: JsonObject, names: readonly string[]): JsonObject {
  const found = names.flatMap((name) => {
    const value = params[name] ?? null;
    return value === null ? [] : [[name, value] as const];
  });
  return Object.fromEntries(found);
}

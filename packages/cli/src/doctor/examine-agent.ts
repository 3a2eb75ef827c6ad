// Everything that one agent needs to answer, in the order in which it needs it. spec: daemon-and-cli 1.5, 1.9
import { join } from 'node:path';
import { DaemonError, type OperationContext } from '@puffo/daemon/home';
import {
  type AgentDetails,
  type DaemonFile,
  embeddedServerUrl,
  type EngineProblem,
  findEngineProblem,
  isConfigured,
  resolveApiKey,
  showAgent,
} from '@puffo/daemon/operations';
import { cleanName } from '../output/clean-text.ts';
import { pathExists } from '../path-exists.ts';
import { type Finding, problem, well } from './finding.ts';

export interface AgentExamination {
  readonly id: string;
  readonly daemon: DaemonFile;
  readonly isDaemonAlive: boolean;
  readonly reach: ReachServer;
}

/** Whether a server answers at an address. */
export type ReachServer = (serverUrl: string) => Promise<boolean>;

const MAX_CHARACTERS = 500;
const KEY_VARIABLES = { anthropic: 'ANTHROPIC_API_KEY', openai: 'OPENAI_API_KEY', google: 'GEMINI_API_KEY' } as const;

export async function examineAgent(
  context: OperationContext,
  examination: AgentExamination,
): Promise<readonly Finding[]> {
  const { id } = examination;
  const name = `agent '${cleanName(id)}'`;
  let agent: AgentDetails;
  try {
    agent = await showAgent({ ...context, warn: () => undefined }, { id });
  } catch (error) {
    if (!(error instanceof DaemonError)) throw error;
    return [
      problem(cleanName(error.message, MAX_CHARACTERS), { why: `${name} cannot run`, repair: editOf(context, id) }),
    ];
  }
  if (agent.state === 'paused') return [well(`${name} is paused; puffo-agent agent resume ${cleanName(id)} wakes it`)];
  const findings = [
    examineFile(context, agent),
    await examineIdentity(context, agent),
    await examineServer(agent, examination),
    await examineEngine(context, agent, examination),
    examineState(agent, examination),
  ].filter((finding) => finding !== undefined);
  return findings.length > 0 ? findings : [well(`${name} has what it needs${describeHealth(agent, examination)}`)];
}

function examineFile(context: OperationContext, { id, problem: found }: AgentDetails): Finding | undefined {
  if (found === undefined) return undefined;
  return problem(cleanName(found, MAX_CHARACTERS), { why: `agent '${id}' cannot run`, repair: editOf(context, id) });
}

async function examineIdentity(
  context: OperationContext,
  { id, puffoCore }: AgentDetails,
): Promise<Finding | undefined> {
  if (!isConfigured(puffoCore)) {
    return problem(`agent '${id}' has no account yet: puffo_core in its agent.yml is not complete`, {
      why: 'without an account it is in no conversation',
      repair: `puffo-cli agent register ${id}, then ${editOf(context, id)}`,
    });
  }
  const file = join(context.home.agent(id).keysFolder, `${puffoCore.slug}.json`);
  if (await pathExists(file)) return undefined;
  return problem(`agent '${id}' has no keys: ${file} is missing`, {
    why: `without them nobody can be @${cleanName(puffoCore.slug)}, and its messages stay sealed`,
    repair: `copy it there from a backup or from the puffo-cli that registered it; the daemon looks in the data folder of puffo-cli by itself`,
  });
}

async function examineServer(
  { id, puffoCore }: AgentDetails,
  { daemon, isDaemonAlive, reach }: AgentExamination,
): Promise<Finding | undefined> {
  if (!isConfigured(puffoCore)) return undefined;
  const { serverUrl } = puffoCore;
  const { enabled, port } = daemon.config.embeddedServer;
  const isOwn = enabled && serverUrl === embeddedServerUrl(port);
  // It runs with the daemon only.
  if (isOwn && !isDaemonAlive) return undefined;
  if (await reach(serverUrl)) return undefined;
  return problem(`the server of agent '${id}' does not answer: ${cleanName(serverUrl)}`, {
    why: 'nothing arrives and nothing leaves until it does; no message is lost',
    repair: isOwn ? 'puffo-agent stop && puffo-agent start' : `check the network, and server_url in its agent.yml`,
  });
}

async function examineEngine(
  context: OperationContext,
  agent: AgentDetails,
  examination: AgentExamination,
): Promise<Finding | undefined> {
  const { id, runtime, problem: found } = agent;
  if (found !== undefined || runtime.offline) return undefined;
  if (runtime.kind === 'chat-local') return examineKey(context, agent, examination);
  const engine = await findEngineProblem(context, { id, userId: process.getuid?.() });
  return engine === undefined ? undefined : explainEngine(agent, engine);
}

function explainEngine({ id, runtime }: AgentDetails, found: EngineProblem): Finding {
  const command = `puffo-agent agent runtime ${id}`;
  const harness = cleanName(runtime.harness);
  switch (found.kind) {
    case 'missing-program':
      return problem(`agent '${id}': ${cleanName(found.message, MAX_CHARACTERS)}`, {
        why: 'its program cannot be started, and messages wait',
        repair: `install it and start the daemon again, or ${command} --harness …`,
      });
    case 'bad-option':
      return problem(`agent '${id}': ${cleanName(found.message, MAX_CHARACTERS)}`, {
        why: 'what it may do without asking is never widened by guessing, so it does not run',
        repair: `${command} --permission-mode …`,
      });
    case 'failed':
      return problem(`agent '${id}': ${cleanName(found.message, MAX_CHARACTERS)}`, {
        why: 'it cannot answer; what it has stays as it is',
        repair: `${command} --kind …`,
      });
    case 'root':
      return problem(`agent '${id}' runs Claude Code as root with permission_mode bypassPermissions`, {
        why: 'Claude Code refuses that, and messages wait',
        repair: `run the daemon as an ordinary user, or ${command} --permission-mode default`,
      });
    case 'no-login':
      return problem(`agent '${id}' has no key and no login for ${harness}`, {
        why: 'its provider refuses it without one, and messages wait',
        repair:
          found.program === undefined
            ? `${command} --api-key …`
            : `run ${found.program} once and log in, or ${command} --api-key …`,
      });
  }
}

function examineKey(
  { environment }: OperationContext,
  { id, runtime }: AgentDetails,
  { daemon }: AgentExamination,
): Finding | undefined {
  const provider = providerOf(runtime, daemon);
  // A server of one's own may want no key.
  if (runtime.hasApiKey || (provider === 'openai' && runtime.baseUrl !== '')) return undefined;
  if (
    resolveApiKey({
      runtime: { kind: 'chat-local', provider, harness: '', apiKey: '' },
      daemon: daemon.config,
      environment,
    }) !== ''
  )
    return undefined;
  return problem(`agent '${id}' has no key for ${provider}`, {
    why: 'its model is not asked without one, and messages wait',
    repair: `export ${KEY_VARIABLES[provider]}=…, or puffo-agent config, or puffo-agent agent runtime ${id} --api-key …; then start the daemon again`,
  });
}

type Provider = keyof typeof KEY_VARIABLES;

function providerOf({ provider }: AgentDetails['runtime'], { config }: DaemonFile): Provider {
  const named = provider === '' ? config.defaultProvider : provider;
  return named === 'openai' || named === 'google' ? named : 'anthropic';
}

function examineState({ id, status }: AgentDetails, { isDaemonAlive }: AgentExamination): Finding | undefined {
  if (!isDaemonAlive || status === undefined || status.error === '') return undefined;
  return problem(`agent '${id}' says: ${cleanName(status.error, MAX_CHARACTERS)}`, {
    why: 'messages wait, or are given up',
    repair: `puffo-agent agent logs ${id}`,
  });
}

function describeHealth({ runtime, status }: AgentDetails, { isDaemonAlive }: AgentExamination): string {
  const model = runtime.offline
    ? '; it answers with the offline model, which is not an AI (puffo-agent quickstart)'
    : '';
  return isDaemonAlive && status?.status === 'running' ? `, and runs${model}` : model;
}

function editOf({ home }: OperationContext, id: string): string {
  return `edit ${home.agent(id).agentFile}`;
}

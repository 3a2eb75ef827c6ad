// What the agent thinks with, written into its file. A key stays where it is.
import { callDaemon } from '@puffo/daemon/control';
import type { OperationContext } from '@puffo/daemon/home';
import { type RuntimeChanges, setRuntime, showAgent } from '@puffo/daemon/operations';
import { cleanName } from '../output/clean-text.ts';
import { OLLAMA_KEY, type RuntimeChoice } from './pick-runtime.ts';

/** Only for an agent that has no model yet: what somebody has chosen stays. Says what answers now. */
export async function setRuntimeChoice(
  context: OperationContext,
  { id, choice, isNew }: { readonly id: string; readonly choice: RuntimeChoice; readonly isNew: boolean },
): Promise<string> {
  const { runtime } = await showAgent(context, { id });
  if (!isNew && !runtime.offline) {
    const model = runtime.model === '' ? 'the default model' : cleanName(runtime.model);
    return `${model}${runtime.provider === '' ? '' : ` of ${cleanName(runtime.provider)}`}, as ${id}'s agent.yml says`;
  }
  switch (choice.kind) {
    case 'provider':
      await change(context, {
        id,
        changes: { kind: 'chat-local', provider: choice.provider, model: choice.model },
      });
      break;
    case 'program': {
      const { provider, harness } = choice;
      await change(context, { id, changes: { kind: 'cli-local', provider, harness, model: '' } });
      break;
    }
    case 'ollama': {
      const { baseUrl, model } = choice;
      const changes = { kind: 'chat-local', provider: 'openai', model, baseUrl, apiKey: OLLAMA_KEY };
      await change(context, { id, changes });
      break;
    }
    case 'offline':
      if (!runtime.offline) await setRuntime(context, { id, changes: { offline: true } });
      break;
  }
  return describeChoice(choice);
}

/** What answers, so that nobody spends money or believes in an AI without knowing. */
function describeChoice(choice: RuntimeChoice): string {
  switch (choice.kind) {
    case 'provider':
      return `${choice.model} of ${choice.provider}, paid with the key in ${choice.source}`;
    case 'program':
      return `${choice.name}, with your login; it runs commands on this machine without asking you (docs/security.md)`;
    case 'ollama':
      return `${choice.model}, by Ollama at ${choice.baseUrl}`;
    case 'offline':
      return 'the built-in offline model, which is not an AI: set ANTHROPIC_API_KEY, OPENAI_API_KEY or GEMINI_API_KEY, log in with Claude Code or Codex, or start Ollama, and run this again';
  }
}

/** A daemon that runs starts the worker anew, and says when that is done: nobody is answered by the one before. */
async function change(
  context: OperationContext,
  input: { readonly id: string; readonly changes: RuntimeChanges },
): Promise<void> {
  const reply = await callDaemon(context.home, { operation: 'set-runtime', input, signal: context.signal });
  if (reply.kind !== 'done') await setRuntime(context, input);
}

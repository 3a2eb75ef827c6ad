// spec: mcp-tools 7.2
import { cleanLine } from '@puffo/agent';
import { absentableText, flag } from '../fields.ts';
import { defineTool } from '../tool-definition.ts';
import { ToolError } from '../tool-error.ts';

const NAME = /^[\w.:/@[\]-]{1,128}$/;
const EFFORTS: ReadonlySet<string> = new Set(['', 'low', 'medium', 'high', 'max']);
const MAX_LISTED = 20;

export const REFRESH = defineTool({
  name: 'refresh',
  kind: 'self',
  description: 'Restart your engine before your next turn: for another model, new skills, or an empty conversation.',
  isIdempotent: true,
  input: {
    model: absentableText({ description: '"" = default; leave out = unchanged' }),
    effort: absentableText({ description: 'low, medium, high or max; "" = default; leave out = unchanged' }),
    host_sync: flag({ description: "re-read the operator's skills and MCP servers" }),
    new_session: flag({ description: 'start with an empty conversation; what you remember of this one is gone' }),
  },
  async run({ model, effort, host_sync: hostSync, new_session: newSession }, { parts, signal }) {
    const { store, requests, features } = parts;
    if (model !== undefined) checkModel(model, features);
    if (effort !== undefined && !EFFORTS.has(effort)) {
      throw new ToolError('invalid_argument', 'Cannot refresh: `effort` has to be low, medium, high, max or empty');
    }
    signal.throwIfAborted();
    if (model !== undefined) await store.saveSelfSetting('model', model);
    if (effort !== undefined) await store.saveSelfSetting('effort', effort);
    requests.request({ restart: true, hostSync, newSession });
    const facts = [
      'refresh requested: your engine restarts before your next turn; this turn goes on as it is',
      ...(model === undefined
        ? []
        : [model === '' ? 'model: the configured one again' : `model: ${model}, until you change it`]),
      ...(effort === undefined ? [] : [`effort: ${effort === '' ? 'the configured one again' : effort}`]),
      ...(hostSync ? ["the operator's skills and MCP servers are read again"] : []),
      ...(newSession ? ['your conversation begins anew: note what you need with write_memory first'] : []),
    ];
    return { text: facts.join('\n') };
  },
});

function checkModel(
  model: string,
  {
    mayChangeModel = true,
    models,
  }: { readonly mayChangeModel?: boolean | undefined; readonly models?: readonly string[] | undefined },
): void {
  if (!mayChangeModel) {
    throw new ToolError('forbidden', 'Cannot change the model: your operator does not allow it; ask them');
  }
  if (model === '') return;
  if (!NAME.test(model)) {
    throw new ToolError(
      'invalid_argument',
      `Cannot use the model '${cleanLine(model, 100)}': it is no name of a model`,
    );
  }
  if (models === undefined || models.includes(model)) return;
  const known = models.slice(0, MAX_LISTED).join(', ');
  throw new ToolError('not_found', `Cannot use the model '${model}': there is ${known}`);
}

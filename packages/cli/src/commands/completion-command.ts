import { CliError } from '../cli-error.ts';
import type { Call, CommandDefinition, Outcome } from '../command.ts';
import { completionScript, SHELLS } from '../completion/completion-scripts.ts';

/** It completes the other commands, so it is given them. */
export function completionCommand(others: readonly CommandDefinition[]): CommandDefinition {
  const definition: CommandDefinition = {
    name: 'completion',
    summary: 'print what makes your shell complete puffo-cli',
    arguments: [{ name: 'shell', help: SHELLS.join(', ') }],
    examples: ['completion bash >> ~/.bashrc', 'completion zsh >> ~/.zshrc', 'completion fish | source'],
    run: (call) => Promise.resolve(printScript(call, [...others, definition])),
  };
  return definition;
}

function printScript(call: Call, definitions: readonly CommandDefinition[]): Outcome {
  const name = call.argument('shell');
  const shell = SHELLS.find((known) => known === name);
  if (shell === undefined) {
    throw new CliError('usage', `Cannot complete in '${name}': choose ${SHELLS.join(', ')}`);
  }
  const script = completionScript(shell, definitions);
  return { json: { shell, script }, lines: [script] };
}

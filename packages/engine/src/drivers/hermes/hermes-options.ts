// What Hermes has to be told beside where it runs. spec: runtimes 1.3, 7.1
import { EngineError } from '../../spec/engine-error.ts';
import type { ProgramEngineOptions } from '../../spec/program-options.ts';

export type HermesProvider = 'anthropic' | 'openai';

export interface HermesEngineOptions extends ProgramEngineOptions {
  readonly provider: HermesProvider;
  readonly agentId: string;
}

interface ProviderFacts {
  /** Of the environment. */
  readonly keyVariable: string;
  readonly defaultModel: string;
}

export const PROVIDERS: Readonly<Record<HermesProvider, ProviderFacts>> = {
  anthropic: { keyVariable: 'ANTHROPIC_API_KEY', defaultModel: 'claude-opus-4-6' },
  openai: { keyVariable: 'OPENAI_API_KEY', defaultModel: 'gpt-4o' },
};

/** It runs without a terminal, where nobody hears its questions. */
export function checkPermissionMode(permissionMode: string): void {
  if (permissionMode === '' || permissionMode === 'bypassPermissions') return;
  throw new EngineError(
    `Cannot run Hermes with permission mode "${permissionMode}": it cannot ask; set bypassPermissions, or use another harness`,
    { code: 'bad-option' },
  );
}

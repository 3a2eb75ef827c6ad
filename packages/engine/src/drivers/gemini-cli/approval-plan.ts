// What a permission mode means for Gemini CLI, which has three of its own. spec: runtimes 5.9, 10.4
import { EngineError } from '../../spec/engine-error.ts';

export interface ApprovalPlan {
  /** Of `--approval-mode`. */
  readonly flag: 'default' | 'auto_edit' | 'yolo';
  /** `deny`: what the program would ask is refused, and nobody is asked. */
  readonly questions: 'ask' | 'deny';
}

const PLANS: ReadonlyMap<string, ApprovalPlan> = new Map<string, ApprovalPlan>([
  // How older files spell it.
  ['', { flag: 'yolo', questions: 'deny' }],
  ['bypassPermissions', { flag: 'yolo', questions: 'deny' }],
  ['acceptEdits', { flag: 'auto_edit', questions: 'ask' }],
  ['default', { flag: 'default', questions: 'ask' }],
  ['dontAsk', { flag: 'default', questions: 'deny' }],
]);

export function planApproval(permissionMode: string): ApprovalPlan {
  const plan = PLANS.get(permissionMode);
  if (plan !== undefined) return plan;
  const known = [...PLANS.keys()].filter((mode) => mode !== '').join(', ');
  throw new EngineError(
    `Cannot run Gemini CLI with permission mode "${permissionMode}": it has nothing like it; set one of ${known}`,
    { code: 'bad-option' },
  );
}

// What the steps of one run share.
import type { OperationContext } from '@puffo/daemon/home';
import type { ServerCommandOptions } from '@puffo/daemon/operations';
import type { Call } from '../command.ts';
import type { DataFolder } from '../identity/data-folder.ts';

export interface QuickstartRun {
  readonly context: OperationContext;
  /** Acts as puffo-cli does, with its data in the home. */
  readonly call: Call;
  /** Of the operator. */
  readonly folder: DataFolder;
  readonly server: ServerCommandOptions;
  /** One step is done. */
  readonly tell: (line: string) => void;
}

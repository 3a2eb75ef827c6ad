// Programs on this machine. spec: runtimes 5.2
import { HostError, openProgram } from '@puffo/host';
import { EngineError } from '../spec/engine-error.ts';
import type { ProgramPlacement } from './program-placement.ts';

export function createHostPlacement(): ProgramPlacement {
  return {
    async start({ program, args, environment, folder }) {
      try {
        return await openProgram(program, args, { environment, folder });
      } catch (error) {
        if (!(error instanceof HostError)) throw error;
        throw new EngineError(error.message, { code: 'unavailable', cause: error, fields: { program } });
      }
    },
  };
}

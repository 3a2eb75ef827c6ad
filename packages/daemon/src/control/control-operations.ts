// What a daemon does when a command asks: one table of names, with what each takes and gives. Both sides read the other one's
// words with it. spec: daemon-and-cli 4.8 to 4.14
import type { JsonValue } from '@puffo/base';
import type { ApprovalChange, ApprovalChanging, ApprovalOutcome } from '../operations/approvals.ts';
import type { Archiving } from '../operations/archive-agent.ts';
import type { AgentCreation } from '../operations/create-agent.ts';
import type { Renaming } from '../operations/rename-agent.ts';
import type { RuntimeChanges } from '../operations/set-runtime.ts';
import { APPROVAL_STATES } from '../store/agent-schema.ts';
import {
  readChoice,
  readFlag,
  readObject,
  readOptionalNumber,
  readOptionalText,
  readOptionalTexts,
  readText,
} from './read-values.ts';

export interface ControlInputs {
  readonly 'create-agent': AgentCreation;
  readonly 'pause-agent': AgentReference;
  readonly 'resume-agent': AgentReference;
  readonly 'rename-agent': Renaming;
  readonly 'set-runtime': { readonly id: string; readonly changes: RuntimeChanges };
  readonly 'archive-agent': Pick<Archiving, 'id'>;
  readonly 'change-approval': ApprovalChanging;
}

/** What the caller cannot see in the files of the home. */
export interface ControlResults {
  readonly 'create-agent': AgentReference;
  readonly 'pause-agent': { readonly isChanged: boolean };
  readonly 'resume-agent': { readonly isChanged: boolean };
  readonly 'rename-agent': { readonly displayName: string };
  readonly 'set-runtime': AgentReference;
  /** Where the agent is then, and whether it was working until now. */
  readonly 'archive-agent': { readonly destination: string; readonly wasPaused: boolean };
  readonly 'change-approval': ApprovalOutcome;
}

export interface AgentReference {
  readonly id: string;
}

export type OperationName = keyof ControlInputs & keyof ControlResults;

interface OperationWords<Name extends OperationName> {
  readonly readInput: (value: JsonValue) => ControlInputs[Name];
  readonly readResult: (value: JsonValue) => ControlResults[Name];
}

export const CONTROL_OPERATIONS: { readonly [Name in OperationName]: OperationWords<Name> } = {
  'create-agent': { readInput: readCreation, readResult: readReference },
  'pause-agent': { readInput: readReference, readResult: readChange },
  'resume-agent': { readInput: readReference, readResult: readChange },
  'rename-agent': {
    readInput(value) {
      const members = readObject(value, 'body');
      return { id: readText(members, 'id'), displayName: readText(members, 'displayName') };
    },
    readResult: (value) => ({ displayName: readText(readObject(value, 'result'), 'displayName') }),
  },
  'set-runtime': {
    readInput(value) {
      const members = readObject(value, 'body');
      return { id: readText(members, 'id'), changes: readChanges(members['changes']) };
    },
    readResult: readReference,
  },
  'archive-agent': {
    readInput: readReference,
    readResult(value) {
      const members = readObject(value, 'result');
      return { destination: readText(members, 'destination'), wasPaused: readFlag(members, 'wasPaused') };
    },
  },
  'change-approval': { readInput: readApprovalChanging, readResult: readApprovalOutcome },
};

export function isOperationName(text: string): text is OperationName {
  return Object.hasOwn(CONTROL_OPERATIONS, text);
}

function readReference(value: JsonValue): AgentReference {
  return { id: readText(readObject(value, 'body'), 'id') };
}

function readChange(value: JsonValue): { readonly isChanged: boolean } {
  return { isChanged: readFlag(readObject(value, 'result'), 'isChanged') };
}

function readCreation(value: JsonValue): AgentCreation {
  const members = readObject(value, 'body');
  return {
    id: readText(members, 'id'),
    displayName: readOptionalText(members, 'displayName'),
    profile: readOptionalText(members, 'profile'),
    kind: readText(members, 'kind'),
    provider: readText(members, 'provider'),
    model: readText(members, 'model'),
    apiKey: readText(members, 'apiKey'),
    baseUrl: readText(members, 'baseUrl'),
    harness: readOptionalText(members, 'harness'),
    onMention: readFlag(members, 'onMention'),
    onDm: readFlag(members, 'onDm'),
    onChannel: readFlag(members, 'onChannel'),
  };
}

function readChanges(value: JsonValue | undefined): RuntimeChanges {
  const members = readObject(value, 'changes');
  return {
    kind: readOptionalText(members, 'kind'),
    provider: readOptionalText(members, 'provider'),
    model: readOptionalText(members, 'model'),
    apiKey: readOptionalText(members, 'apiKey'),
    baseUrl: readOptionalText(members, 'baseUrl'),
    allowedTools: readOptionalTexts(members, 'allowedTools'),
    dockerImage: readOptionalText(members, 'dockerImage'),
    permissionMode: readOptionalText(members, 'permissionMode'),
    maxTurns: readOptionalNumber(members, 'maxTurns'),
    harness: readOptionalText(members, 'harness'),
  };
}

const APPROVAL_CHANGES: readonly ApprovalChange[] = ['allow', 'always', 'deny', 'revoke'];
const APPROVAL_OUTCOMES: readonly ApprovalOutcome['kind'][] = ['decided', 'revoked', 'closed', 'unknown'];

function readApprovalChanging(value: JsonValue): ApprovalChanging {
  const members = readObject(value, 'body');
  return {
    id: readText(members, 'id'),
    approvalId: readText(members, 'approvalId'),
    change: readChoice(members, 'change', APPROVAL_CHANGES),
  };
}

function readApprovalOutcome(value: JsonValue): ApprovalOutcome {
  const members = readObject(value, 'result');
  const kind = readChoice(members, 'kind', APPROVAL_OUTCOMES);
  const state = readOptionalText(members, 'state');
  return { kind, state: state === undefined ? undefined : readChoice(members, 'state', APPROVAL_STATES) };
}

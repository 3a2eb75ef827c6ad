// What an operator wrote below the question whether a tool may be used. spec: runtimes 5.9

export type ApprovalAnswer = 'allow' | 'always' | 'deny';

/** `undefined`: it is no answer, and goes to the agent like any other message. */
export function readApprovalAnswer(text: string): ApprovalAnswer | undefined {
  switch (text.trim().toLowerCase()) {
    case 'y':
    case 'yes':
      return 'allow';
    case 'a':
    case 'always':
      return 'always';
    case 'n':
    case 'no':
      return 'deny';
    default:
      return undefined;
  }
}

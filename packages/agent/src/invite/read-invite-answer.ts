// What an operator wrote below the question about an invite. spec: wire-protocol 12.5

/** `undefined`: it is no answer, and goes to the agent like any other message. */
export function readInviteAnswer(text: string): 'yes' | 'no' | undefined {
  switch (text.trim().toLowerCase()) {
    case 'y':
    case 'yes':
      return 'yes';
    case 'n':
    case 'no':
      return 'no';
    default:
      return undefined;
  }
}

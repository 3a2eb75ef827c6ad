/** The person pressed Ctrl-C at a question: the command ends without a word. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError';
}

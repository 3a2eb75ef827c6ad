// A last look at what a tool tells the model: the agent's own secrets are not in it, wherever they came from.
// spec: mcp-tools 11
const MIN_SECRET_CHARACTERS = 8;
const HIDDEN = '[hidden]';

export function hideSecrets(text: string, secrets: readonly string[]): string {
  let safe = text;
  for (const secret of secrets) {
    // Shorter ones are words that may stand anywhere.
    if (secret.length >= MIN_SECRET_CHARACTERS) safe = safe.replaceAll(secret, HIDDEN);
  }
  return safe;
}

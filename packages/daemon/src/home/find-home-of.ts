import { readFileSync } from 'node:fs';

const USER_FIELDS = 7;
const HOME_FIELD = 5;

/** The home folder of a user of this machine, as far as its list of users is a file. */
export function findHomeOf(user: string): string | undefined {
  let text: string;
  try {
    text = readFileSync('/etc/passwd', 'utf8');
  } catch {
    // No such list on this platform: nobody is known.
    return undefined;
  }
  const fields = text
    .split('\n')
    .map((line) => line.split(':'))
    .find(([name, ...rest]) => name === user && rest.length === USER_FIELDS - 1);
  return fields?.[HOME_FIELD];
}

// Whom to believe where certificates, a pin and an attacker disagree: the pin, and without one nobody who is disputed.
// spec: wire-protocol appendix B 1
import type { Slug } from '@puffo/protocol';
import type { PersonProblem } from './directory.ts';
import type { JudgedCerts, KnownRoot } from './judge-certs.ts';

export type ChosenRoot =
  | { readonly kind: 'pinned'; readonly root: KnownRoot }
  /** Nothing is pinned, and there is no other claim. */
  | { readonly kind: 'first-use'; readonly root: KnownRoot }
  | { readonly kind: 'problem'; readonly problem: PersonProblem };

export function chooseRoot(
  slug: Slug,
  { roots, refused, pin }: JudgedCerts & { readonly pin: string | undefined },
): ChosenRoot {
  const pinned = roots.find(({ identity }) => identity.rootKey.publicKey === pin);
  if (pinned !== undefined) return { kind: 'pinned', root: pinned };
  const [first, second] = roots;
  if (first !== undefined) {
    if (pin !== undefined) return changedRoot(slug);
    if (second === undefined) return { kind: 'first-use', root: first };
    return problemOf(slug, 'untrusted', 'two different root keys claim this name, and none of them was trusted before');
  }
  const [reason] = refused;
  if (reason === undefined) return problemOf(slug, 'unknown-person', 'the server knows nobody of this name');
  return problemOf(slug, 'untrusted', `its certificates do not verify (${reason.refusal.reason})`);
}

export function changedRoot(slug: Slug): ChosenRoot {
  const problem = 'its root key is not the one that was trusted before; compare fingerprints with that person';
  return problemOf(slug, 'changed-root', problem);
}

function problemOf(slug: Slug, code: PersonProblem['code'], problem: string): ChosenRoot {
  return { kind: 'problem', problem: { slug, code, message: `Cannot trust ${slug}: ${problem}` } };
}

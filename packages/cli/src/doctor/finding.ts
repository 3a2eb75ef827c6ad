// What the doctor says about one thing: that it is well, or what is missing, why it matters and what repairs it.

export type Finding =
  | { readonly kind: 'well'; readonly what: string }
  | {
      readonly kind: 'problem';
      readonly what: string;
      /** What comes of it. */
      readonly why: string;
      /** A command, or what to do where no command does it. */
      readonly repair: string;
    };

export function well(what: string): Finding {
  return { kind: 'well', what };
}

export function problem(what: string, { why, repair }: { readonly why: string; readonly repair: string }): Finding {
  return { kind: 'problem', what, why, repair };
}

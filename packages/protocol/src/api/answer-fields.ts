// What answers and pushed frames need on top of `fields.ts`: servers of several generations must be readable, so absent
// and null mean the same, enumerations stay open, and one broken entry does not hide the others. spec: wire-protocol 9.1
import * as z from 'zod';

/** A value of a list that may grow. The known ones are for the editor; any other string passes. */
export type OpenEnum<Known extends string> = Known | (string & {});

/** `{"ok": true}`, or an empty body. A success that says `ok: false` contradicts itself and is refused. */
export const okAnswer = z.object({ ok: z.literal(true).optional() });

export function openEnum<Known extends string>() {
  return z.custom<OpenEnum<Known>>((value) => typeof value === 'string', { error: 'a string' });
}

/** A member that may be absent or null, both read as `undefined`. Empty text stays empty text. */
export function absentable<Schema extends z.ZodType>(schema: Schema) {
  return schema.nullish().transform((value) => value ?? undefined);
}

export interface ReadableList<Item> {
  readonly items: readonly Item[];
  /** How many entries did not fit the schema and were left out. Worth a log line, never a failure. */
  readonly unreadable: number;
}

/** An array of which the readable entries are taken and the others counted. */
export function readableList<Entry extends z.ZodType>(entry: Entry) {
  return z
    .custom<readonly z.input<Entry>[]>(Array.isArray, { error: 'an array' })
    .transform((entries): ReadableList<z.output<Entry>> => {
      const items: z.output<Entry>[] = [];
      for (const found of entries) {
        const result = entry.safeParse(found);
        if (result.success) items.push(result.data);
      }
      return { items, unreadable: entries.length - items.length };
    });
}

// Query members: text on the wire, values in the program. They are codecs, so that a client writes what a server reads.
// spec: wire-protocol 9.1
import * as z from 'zod';
import { LIMITS } from '../limits.ts';

const DIGITS = /^[0-9]{1,16}$/;

/**
 * Comma-separated ids. Repeated items are read once, and malformed ones are left out like unknown ones: neither names
 * anything on this server, and 0.7.2 asks for all members of a channel in one request.
 */
export function idListQuery<Id extends string>(isId: (value: unknown) => value is Id) {
  return z.codec(z.string(), z.custom<readonly Id[]>(Array.isArray, { error: 'a list' }), {
    decode: (text) => Array.from(new Set(text.split(',').filter(isId))),
    encode: (ids) => ids.join(','),
  });
}

/** A whole number from 0 on, in decimal digits. */
export const countQuery = z.codec(z.string(), z.number(), {
  decode: (text, ctx) => {
    const value = Number(text);
    if (DIGITS.test(text) && Number.isSafeInteger(value)) return value;
    ctx.issues.push({ code: 'custom', input: text, message: 'a whole number from 0 to 2^53 - 1' });
    return z.NEVER;
  },
  encode: String,
});

/** How many entries a page should hold. More than the server gives is a wish, not a mistake. */
export const pageSizeQuery = z.codec(countQuery, z.number(), {
  decode: (wanted, ctx) => {
    if (wanted > 0) return Math.min(wanted, LIMITS.pageEntries);
    ctx.issues.push({ code: 'custom', input: wanted, message: 'a whole number above 0' });
    return z.NEVER;
  },
  encode: (size) => size,
});

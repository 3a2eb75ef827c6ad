// Runs a schema over something from outside and reports the first wrong member by its wire path. Schema errors of the
// library never leave this file: they quote input and name no endpoint. spec: wire-protocol 13.1
import type * as z from 'zod';
import { ProtocolError } from '../errors.ts';
import { describe } from '../ids.ts';

type Issue = z.core.$ZodIssue;

const NAME = /^[\x21-\x7e]{1,64}$/;
const EXPECTED_TYPES = new Map([
  ['object', 'an object'],
  ['array', 'an array'],
  ['string', 'a string'],
  ['number', 'a number'],
  ['boolean', 'true or false'],
]);

/** `what` names the input in errors: `POST /signup`, `frame message`. */
export function parseSchema<Schema extends z.ZodType>(schema: Schema, value: unknown, what: string): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const problem = issue === undefined ? { text: 'it does not fit' } : problemOf(issue, value);
  const { text, field } = problem;
  throw new ProtocolError('schema_mismatch', `Cannot read ${what}: ${text}`, field === undefined ? {} : { field });
}

interface Problem {
  readonly text: string;
  readonly field?: string;
}

function problemOf(issue: Issue, root: unknown): Problem {
  if (issue.code === 'unrecognized_keys') return unknownMember(issue.path, issue.keys[0] ?? '');
  const found = valueAt(root, issue.path);
  const expected = expectedOf(issue);
  const state = found === undefined ? 'is missing' : `is ${foundText(issue, found)}`;
  if (issue.path.length === 0) return { text: `it ${state}, expected ${expected}` };
  const field = fieldOf(issue.path);
  return { text: `member '${field}' ${state}, expected ${expected}`, field };
}

/** The name of an unknown member is foreign text: it becomes a field only when it is short and printable. */
function unknownMember(path: readonly PropertyKey[], name: string): Problem {
  if (NAME.test(name)) {
    const field = fieldOf([...path, name]);
    return { text: `member '${field}' is unknown`, field };
  }
  const text = `a member with a name of ${name.length} characters is unknown`;
  return path.length === 0 ? { text } : { text: `in '${fieldOf(path)}', ${text}`, field: fieldOf(path) };
}

/** `recipients[3].device_id` */
function fieldOf(path: readonly PropertyKey[]): string {
  let field = '';
  for (const step of path) {
    if (typeof step === 'number') field += `[${step}]`;
    else field += field === '' ? String(step) : `.${String(step)}`;
  }
  return field;
}

function expectedOf(issue: Issue): string {
  if (issue.code === 'invalid_type') return EXPECTED_TYPES.get(issue.expected) ?? issue.expected;
  if (issue.code === 'invalid_value') return oneOf(issue.values);
  if (isDiscriminator(issue)) return oneOf(issue.options);
  return issue.message;
}

function oneOf(values: readonly unknown[]): string {
  return values.map((value) => (typeof value === 'string' ? `'${value}'` : String(value))).join(' or ');
}

function foundText(issue: Issue, found: unknown): string {
  if (typeof found === 'number' || typeof found === 'boolean') return String(found);
  if (typeof found !== 'string') return typeof found === 'object' && found !== null ? kindOf(found) : describe(found);
  return isQuotable(issue) ? describe(found) : `a string of ${found.length} characters`;
}

/** Members with a fixed list of values are public, and so are those that say it. */
function isQuotable(issue: Issue): boolean {
  if (issue.code === 'custom') return issue.params?.['quotable'] === true;
  return issue.code === 'invalid_value' || isDiscriminator(issue);
}

/** A union whose members are told apart by one member. Other unions have no error of their own worth reading. */
function isDiscriminator(issue: Issue): issue is Issue & { readonly options: readonly unknown[] } {
  return issue.code === 'invalid_union' && 'options' in issue && Array.isArray(issue.options);
}

function kindOf(found: object): string {
  return Array.isArray(found) ? 'an array' : 'an object';
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Readonly<Record<PropertyKey, unknown>>)[step];
  }
  return value;
}

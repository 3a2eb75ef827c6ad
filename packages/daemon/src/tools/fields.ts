// Arguments of tools: strict in the schema, lenient in reading, because two of three engines do not check them. All problems are
// reported at once. spec: mcp-tools 3.7
import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, safeParseJson } from '@puffo/base';

export interface Field<Value> {
  readonly schema: JsonObject;
  readonly isRequired: boolean;
  /** `undefined`: it was not given. */
  read(given: JsonValue | undefined): Reading<Value>;
}

export type Reading<Value> =
  | { readonly kind: 'value'; readonly value: Value }
  /** Completes "`name` …". */
  | { readonly kind: 'problem'; readonly problem: string };

export type Fields = Readonly<Record<string, Field<unknown>>>;

export type Values<Input extends Fields> = {
  readonly [Name in keyof Input]: Input[Name] extends Field<infer Value> ? Value : never;
};

const JSON_LIMITS = { maxLength: 1024 * 1024, maxDepth: 8, integers: 'safe' } as const;
const MAX_NAMED = 10;

interface Described {
  readonly description?: string;
}

/** `isBody`: as written; otherwise white space around it is no part of it. */
export function requiredText(options: Described & { readonly isBody?: boolean } = {}): Field<string> {
  return textField({ ...options, fallback: undefined });
}

export function optionalText(options: Described & { readonly fallback?: string } = {}): Field<string> {
  return textField({ ...options, fallback: options.fallback ?? '' });
}

/** Leaving it out and leaving it empty are two things. */
export function absentableText({ description }: Described = {}): Field<string | undefined> {
  return {
    schema: { type: 'string', ...described({ description }) },
    isRequired: false,
    read(given) {
      if (given === undefined) return value(undefined);
      return typeof given === 'string' ? value(given.trim()) : problem('has to be a text');
    },
  };
}

interface TextOptions {
  readonly description?: string | undefined;
  readonly isBody?: boolean | undefined;
  /** Absent: it is required. */
  readonly fallback: string | undefined;
}

function textField({ description, isBody = false, fallback }: TextOptions): Field<string> {
  return {
    schema: { type: 'string', ...(fallback === undefined ? {} : { default: fallback }), ...described({ description }) },
    isRequired: fallback === undefined,
    read(given) {
      if (given === undefined) return fallback === undefined ? problem('is missing') : value(fallback);
      // Ids that are numbers, and the like.
      const text = typeof given === 'number' || typeof given === 'boolean' ? String(given) : given;
      if (typeof text !== 'string') return problem('has to be a text');
      return value(isBody ? text : text.trim());
    },
  };
}

export function choice<Choice extends string>(
  choices: readonly Choice[],
  { fallback, description }: Described & { readonly fallback: Choice },
): Field<Choice> {
  return {
    schema: { type: 'string', enum: choices, default: fallback, ...described({ description }) },
    isRequired: false,
    read(given) {
      if (given === undefined || given === '') return value(fallback);
      const found = typeof given === 'string' ? choices.find((each) => each === given.trim()) : undefined;
      return found === undefined ? problem(`has to be one of ${choices.join(', ')}`) : value(found);
    },
  };
}

export interface IntegerOptions extends Described {
  readonly minimum: number;
  readonly maximum: number;
  readonly fallback: number;
}

/** What is beyond its bounds is taken to them, as agents are used to. */
export function integer({ minimum, maximum, fallback, description }: IntegerOptions): Field<number> {
  return {
    schema: { type: 'integer', minimum, maximum, default: fallback, ...described({ description }) },
    isRequired: false,
    read(given) {
      if (given === undefined || given === '') return value(fallback);
      const number = readNumber(given);
      if (number === undefined) return problem(`has to be a whole number from ${minimum} to ${maximum}`);
      return value(Math.min(Math.max(Math.trunc(number), minimum), maximum));
    },
  };
}

/** `undefined`: not given. Refuses what is out of its bounds. */
export function absentableNumber({
  minimum,
  maximum,
  description,
}: Omit<IntegerOptions, 'fallback'>): Field<number | undefined> {
  return {
    schema: { type: 'number', minimum, maximum, ...described({ description }) },
    isRequired: false,
    read(given) {
      if (given === undefined || given === '') return value(undefined);
      const number = readNumber(given);
      const fits = number !== undefined && number >= minimum && number <= maximum;
      return fits ? value(number) : problem(`has to be a number from ${minimum} to ${maximum}`);
    },
  };
}

export function flag({ description }: Described = {}): Field<boolean> {
  return {
    schema: { type: 'boolean', default: false, ...described({ description }) },
    isRequired: false,
    read(given) {
      if (given === undefined || given === '') return value(false);
      if (given === true || given === 'true') return value(true);
      return given === false || given === 'false' ? value(false) : problem('has to be true or false');
    },
  };
}

export interface ListOptions extends Described {
  /** 0: it may be left out. */
  readonly minItems: number;
  readonly maxItems: number;
}

/** Also as JSON in a text, and one text for a list of one. */
export function textList({ minItems, maxItems, description }: ListOptions): Field<readonly string[]> {
  return {
    schema: { type: 'array', items: { type: 'string' }, minItems, maxItems, ...described({ description }) },
    isRequired: minItems > 0,
    read(given) {
      const items = given === undefined ? [] : readList(given);
      if (items === undefined) return problem('has to be a list of texts');
      if (given === undefined && minItems > 0) return problem('is missing');
      const fits = items.length >= minItems && items.length <= maxItems;
      return fits ? value(items) : problem(`has ${items.length} entries, and has to have ${minItems} to ${maxItems}`);
    },
  };
}

/** Also as JSON in a text. */
export function textMap({ description }: Described = {}): Field<Readonly<Record<string, string>>> {
  return {
    schema: { type: 'object', ...described({ description }) },
    isRequired: false,
    read(given) {
      if (given === undefined || given === '') return value({});
      const parsed = typeof given === 'string' ? parseJson(given) : given;
      if (!isJsonObject(parsed)) return problem('has to be an object of texts');
      const entries = Object.entries(parsed).flatMap(([name, each]) =>
        typeof each === 'string' ? [[name, each] as const] : [],
      );
      if (entries.length !== Object.keys(parsed).length) return problem('has to be an object of texts');
      return value(Object.fromEntries(entries));
    },
  };
}

export function schemaOf(fields: Fields): JsonObject {
  const names = Object.keys(fields);
  const required = names.filter((name) => fields[name]?.isRequired === true);
  const properties = Object.fromEntries(names.map((name) => [name, fields[name]?.schema ?? {}]));
  return { type: 'object', properties, ...(required.length === 0 ? {} : { required }) };
}

export type FieldsReading<Input extends Fields> =
  | { readonly kind: 'refused'; readonly problems: readonly string[] }
  | { readonly kind: 'values'; readonly values: Values<Input>; readonly ignored: readonly string[] };

export function readFields<Input extends Fields>(fields: Input, raw: JsonValue): FieldsReading<Input> {
  const given = typeof raw === 'string' ? parseJson(raw) : raw;
  if (given !== null && given !== undefined && !isJsonObject(given)) {
    return { kind: 'refused', problems: ['the arguments have to be an object'] };
  }
  const object = given ?? {};
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    const own = Object.hasOwn(object, name) ? (object[name] ?? undefined) : undefined;
    const reading = field.read(own);
    if (reading.kind === 'problem') problems.push(`\`${name}\` ${reading.problem}`);
    else values[name] = reading.value;
  }
  if (problems.length > 0) return { kind: 'refused', problems };
  const ignored = Object.keys(object).filter((name) => !Object.hasOwn(fields, name));
  // Each value came from the field of its name.
  return { kind: 'values', values: values as Values<Input>, ignored: ignored.slice(0, MAX_NAMED) };
}

function readNumber(given: JsonValue): number | undefined {
  const number = typeof given === 'string' && given.trim() !== '' ? Number(given.trim()) : given;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

function readList(given: JsonValue): readonly string[] | undefined {
  if (typeof given === 'string') {
    const parsed = given.trim().startsWith('[') ? parseJson(given) : undefined;
    return parsed === undefined ? [given] : readList(parsed);
  }
  if (!isObjectOrNull(given) && isJsonArray(given)) {
    const texts = given.filter((each): each is string => typeof each === 'string');
    return texts.length === given.length ? texts : undefined;
  }
  return undefined;
}

function isObjectOrNull(given: JsonValue): given is JsonObject | null {
  return given === null || isJsonObject(given);
}

function parseJson(text: string): JsonValue | undefined {
  const result = safeParseJson(text, JSON_LIMITS);
  return result.kind === 'value' ? result.value : undefined;
}

function described({ description }: { readonly description?: string | undefined }): JsonObject {
  return description === undefined ? {} : { description };
}

function value<Value>(read: Value): Reading<Value> {
  return { kind: 'value', value: read };
}

function problem(text: string): Reading<never> {
  return { kind: 'problem', problem: text };
}

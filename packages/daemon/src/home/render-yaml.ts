// Values as YAML that parsers of 1.1 and 1.2 read the same, in the style of 0.7.2: block style, lists not indented.
// spec: daemon-and-cli 1.22
import { meansMoreThanText } from '@puffo/agent/config';

export type YamlValue = string | boolean | number | Decimal | readonly string[];

/** A number that keeps its point: `2.0`. */
export interface Decimal {
  readonly decimal: number;
}

/** Members in the order they are written. */
export interface YamlTemplate {
  readonly [name: string]: YamlValue | YamlTemplate;
}

/** What has no form in plain or single-quoted text, or not the same form in all parsers. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const NEEDS_ESCAPES = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/;
const UNPRINTABLE = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;
const INDICATOR = /^[-?:,[\]{}#&*!|>'"%@`]|^\.\.\.|: |:$| #|^\s|\s$/;

export function renderDocument(template: YamlTemplate): string {
  return `${renderMembers(template, '').join('\n')}\n`;
}

function renderMembers(template: YamlTemplate, indent: string): readonly string[] {
  return Object.entries(template).flatMap(([name, value]) => renderMember({ name, value, indent }));
}

export interface Member {
  readonly name: string;
  readonly value: YamlValue | YamlTemplate;
  readonly indent: string;
}

export function renderMember({ name, value, indent }: Member): readonly string[] {
  const key = `${indent}${renderText(name)}:`;
  if (isList(value)) {
    if (value.length === 0) return [`${key} []`];
    return [key, ...renderItems(value, indent)];
  }
  if (isScalar(value)) return [`${key} ${renderScalar(value)}`];
  const members = renderMembers(value, `${indent}  `);
  return members.length === 0 ? [`${key} {}`] : [key, ...members];
}

export function renderItems(items: readonly string[], indent: string): readonly string[] {
  return items.map((item) => `${indent}- ${renderText(item)}`);
}

export function renderScalar(value: string | boolean | number | Decimal): string {
  if (typeof value === 'string') return renderText(value);
  if (typeof value !== 'object') return String(value);
  return Number.isInteger(value.decimal) ? value.decimal.toFixed(1) : String(value.decimal);
}

export function isList(value: YamlValue | YamlTemplate): value is readonly string[] {
  return Array.isArray(value);
}

function isScalar(value: YamlValue | YamlTemplate): value is string | boolean | number | Decimal {
  return typeof value !== 'object' || typeof (value as Partial<Decimal>).decimal === 'number';
}

function renderText(text: string): string {
  const wellFormed = text.toWellFormed();
  if (NEEDS_ESCAPES.test(wellFormed)) return JSON.stringify(wellFormed).replace(UNPRINTABLE, escapeUnit);
  const isSafe = !meansMoreThanText(wellFormed) && !INDICATOR.test(wellFormed);
  return isSafe ? wellFormed : `'${wellFormed.replaceAll("'", "''")}'`;
}

function escapeUnit(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

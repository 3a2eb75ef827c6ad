// What a plain scalar means in YAML 1.1, and which text has to be quoted so that it stays text in 1.1 and 1.2.
// spec: daemon-and-cli 1.22

const TRUE = /^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const FALSE = /^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/;
const NULL = /^(?:~|null|Null|NULL)?$/;

const BINARY = /^[-+]?0b[01_]+$/;
const OCTAL = /^[-+]?0[0-7_]+$/;
const HEXADECIMAL = /^[-+]?0x[\da-fA-F_]+$/;
const DECIMAL = /^[-+]?\d[\d_]*$/;
const BASE_60 = /^[-+]?\d[\d_]*(?::[0-5]?\d)+(?:\.[\d_]*)?$/;
const FRACTION = /^[-+]?(?:\d[\d_]*\.[\d_]*|\.\d[\d_]*)(?:[eE][-+]?\d+)?$/;
const EXPONENT = /^[-+]?\d[\d_]*[eE][-+]?\d+$/;
const SPECIAL = /^[-+]?\.(?:inf|Inf|INF|nan|NaN|NAN)$/;
const OCTAL_OF_1_2 = /^0o[0-7]+$/;
const DATE = /^\d{4}-\d{1,2}-\d{1,2}(?:$|[Tt\s])/;
/** One letter is a boolean in the specification of 1.1, though not to every parser. */
const LETTER = /^[yYnN]$/;
const OPERATOR = /^(?:=|<<)$/;

const NOT_TEXT = [
  TRUE,
  FALSE,
  NULL,
  BINARY,
  OCTAL,
  HEXADECIMAL,
  DECIMAL,
  BASE_60,
  FRACTION,
  EXPONENT,
  SPECIAL,
  OCTAL_OF_1_2,
  DATE,
  LETTER,
  OPERATOR,
];

/** Whether some parser reads the plain scalar `text` as something else than text. */
export function meansMoreThanText(text: string): boolean {
  return NOT_TEXT.some((pattern) => pattern.test(text));
}

export function isNullWord(text: string): boolean {
  return NULL.test(text);
}

export function parseBooleanWord(text: string): boolean | undefined {
  if (TRUE.test(text)) return true;
  return FALSE.test(text) ? false : undefined;
}

/** Any number of YAML 1.1, and `1e3`, which is text there but means a number in a field for numbers. */
export function parseNumberWord(text: string): number | undefined {
  const digits = text.replaceAll('_', '');
  const sign = digits.startsWith('-') ? -1 : 1;
  const unsigned = digits.replace(/^[-+]/, '');
  const value = parseUnsigned(text, unsigned);
  return value === undefined || !Number.isFinite(value) ? undefined : sign * value;
}

function parseUnsigned(text: string, unsigned: string): number | undefined {
  if (BINARY.test(text)) return Number.parseInt(unsigned.slice(2), 2);
  if (HEXADECIMAL.test(text)) return Number.parseInt(unsigned.slice(2), 16);
  if (OCTAL.test(text)) return Number.parseInt(unsigned, 8);
  if (BASE_60.test(text)) return unsigned.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  return DECIMAL.test(text) || FRACTION.test(text) || EXPONENT.test(text) ? Number(unsigned) : undefined;
}

import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { absentable, okAnswer, openEnum, readableList } from './answer-fields.ts';
import { slugField } from './fields.ts';

describe('okAnswer', () => {
  it.each([[{}], [{ ok: true }], [{ ok: true, later: 1 }]])('accepts %j', (value) => {
    expect(okAnswer.safeParse(value).success).toBe(true);
  });

  it('refuses a success that says it is none', () => {
    expect(okAnswer.safeParse({ ok: false }).success).toBe(false);
  });
});

describe('openEnum', () => {
  it('passes values that nobody knows yet', () => {
    expect(openEnum<'known'>().parse('later')).toBe('later');
  });

  it('refuses what is no text', () => {
    expect(openEnum<'known'>().safeParse(1).success).toBe(false);
  });
});

describe('absentable', () => {
  const schema = z.object({ bio: absentable(z.string()) });

  it.each([
    [{}, undefined],
    [{ bio: null }, undefined],
    [{ bio: '' }, ''],
    [{ bio: 'x' }, 'x'],
  ])('reads %j', (value, expected) => {
    expect(schema.parse(value).bio).toBe(expected);
  });

  it('refuses a value of another type', () => {
    expect(schema.safeParse({ bio: 1 }).success).toBe(false);
  });
});

describe('readableList', () => {
  const schema = readableList(z.object({ slug: slugField }));

  it('takes the readable entries in order and counts the others', () => {
    const read = schema.parse([{ slug: 'b' }, {}, null, { slug: 'A' }, { slug: 'a', later: 1 }]);
    expect(read).toEqual({ items: [{ slug: 'b' }, { slug: 'a' }], unreadable: 3 });
  });

  it.each([[undefined], [null], [{}], ['x']])('refuses %j, which is no list', (value) => {
    expect(schema.safeParse(value).success).toBe(false);
  });
});

import { expect, test } from 'vitest';
import { driverFailure } from './driver-failure.ts';

test('a failure is one short line', () => {
  const { detail } = driverFailure('crashed', `It went\n\u001b[31mwrong\u2028${'x'.repeat(1000)}`);
  expect(detail).toMatch(/^It went \[31mwrong x+$/);
  expect(detail).toHaveLength(300);
});

test('secrets are taken out before the line is cut', () => {
  const secret = 'sk-0123456789';
  const detail = driverFailure('auth', `${'x'.repeat(295)}${secret} and ${secret}`, { secrets: [secret] }).detail;
  expect(detail).not.toContain('sk-0');
  expect(detail).toContain('[re');
});

test('absent facts are absent, and an empty secret takes nothing apart', () => {
  expect(driverFailure('auth', 'No key', { secrets: [''] })).toEqual({ failureClass: 'auth', detail: 'No key' });
});

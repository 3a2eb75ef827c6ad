import { describe, expect, test } from 'vitest';
import { explainNpmFailure } from './explain-npm-failure.mjs';

function npmOutput(code, detail) {
  return `npm warn something else\nnpm error code ${code}\nnpm error ${detail}\nnpm error A complete log is in: a.log\n`;
}

describe('explainNpmFailure', () => {
  test.each([
    'ENOTFOUND',
    'EAI_AGAIN',
    'ECONNREFUSED',
    'ECONNRESET',
    'ETIMEDOUT',
    'EIDLETIMEOUT',
    'ERR_SOCKET_TIMEOUT',
  ])('says for %s that the registry cannot be reached', (code) => {
    const detail = `network request to https://registry.npmjs.org/vite failed, reason: ${code}`;
    expect(explainNpmFailure(npmOutput(code, detail))).toBe(
      `Cannot install the dependencies: the package registry registry.npmjs.org cannot be reached (${code}), ` +
        'check the network and the proxy settings of npm, then run the command again',
    );
  });

  test.each(['E401', 'E403', 'E404', 'E429', 'E500', 'E503'])(
    'says for %s that the registry refused a package',
    (code) => {
      const output = npmOutput(code, `${code.slice(1)} Some Reason - GET https://mirror.example:4873/vite - text`);
      expect(explainNpmFailure(output)).toContain(
        `the package registry mirror.example:4873 refused https://mirror.example:4873/vite (${code})`,
      );
    },
  );

  test('says that a certificate is not trusted', () => {
    const detail = 'request to https://mirror.example/vite failed, reason: self-signed certificate';
    expect(explainNpmFailure(npmOutput('SELF_SIGNED_CERT_IN_CHAIN', detail))).toContain(
      'the certificate of the package registry mirror.example is not trusted',
    );
  });

  test('says what to do about a lockfile that does not fit', () => {
    expect(explainNpmFailure(npmOutput('EUSAGE', '`npm ci` can only install packages when …'))).toContain(
      'run "npm install"',
    );
  });

  test('understands the spelling of older versions of npm', () => {
    const output = 'npm ERR! code ECONNREFUSED\nnpm ERR! request to http://localhost:9/vite failed, reason: x';
    expect(explainNpmFailure(output)).toContain('registry localhost:9 cannot be reached');
  });

  test('names the configured registry when npm does not', () => {
    const output = npmOutput('EIDLETIMEOUT', 'Idle timeout reached');
    expect(explainNpmFailure(output, { configuredRegistry: 'https://mirror.example/npm/' })).toContain(
      'the package registry mirror.example cannot',
    );
    expect(explainNpmFailure(output)).toContain('the package registry cannot be reached');
  });

  test('says of an npm that we ended that the registry does not answer', () => {
    const output = 'npm http fetch GET https://mirror.example/vite attempt 1 failed with EIDLETIMEOUT\n';
    expect(explainNpmFailure(output, { isStalled: true })).toContain(
      'registry mirror.example cannot be reached (NO_ANSWER)',
    );
  });

  test('does not show the answers of the registry', () => {
    const output = 'npm http fetch GET 200 https://mirror.example/vite 9ms\nnpm error EWHATEVER happened\n';
    expect(explainNpmFailure(output)).toBe(
      'Cannot install the dependencies: npm failed and said\nnpm error EWHATEVER happened',
    );
  });

  test('never repeats credentials', () => {
    const output = npmOutput('E403', '403 Forbidden - GET https://ada:secret@mirror.example/vite?token=secret - no');
    expect(explainNpmFailure(output)).not.toContain('secret');
  });

  test('shows the last lines of a failure that it does not know', () => {
    const lines = Array.from({ length: 40 }, (_, index) => `npm error line ${index}`);
    const explanation = explainNpmFailure(['npm error code EWHATEVER', ...lines].join('\n'));
    expect(explanation).toContain('npm error line 39');
    expect(explanation).toContain('npm error line 25');
    expect(explanation).not.toContain('npm error line 24');
  });
});

import { describe, expect, test } from 'vitest';
import { createProxyRule, proxyAuthorization } from './proxy-rule.ts';

const BOTH = { HTTP_PROXY: 'http://plain:3128', HTTPS_PROXY: 'http://secure:3128' };

describe('createProxyRule', () => {
  test.each([
    ['http://chat.example', 'plain:3128'],
    ['ws://chat.example/subscribe', 'plain:3128'],
    ['https://chat.example', 'secure:3128'],
    ['wss://chat.example/subscribe', 'secure:3128'],
  ])('sends %s to %s', (url, proxy) => {
    expect(createProxyRule(BOTH)(url)?.host).toBe(proxy);
  });

  test.each([
    [{}, undefined],
    [{ HTTP_PROXY: 'http://plain:3128' }, undefined],
    [{ HTTPS_PROXY: '' }, undefined],
    [{ https_proxy: 'http://lower:1', HTTPS_PROXY: 'http://upper:1' }, 'lower:1'],
    [{ HTTPS_PROXY: 'proxy.example:8080' }, 'proxy.example:8080'],
    [{ HTTPS_PROXY: 'https://proxy.example' }, 'proxy.example'],
  ])('takes from %o the proxy %s for https', (environment, proxy) => {
    expect(createProxyRule(environment)('https://chat.example')?.host).toBe(proxy);
  });

  test.each([
    ['chat.example', 'https://chat.example', true],
    ['chat.example', 'https://CHAT.example.', true],
    ['chat.example', 'https://eu.chat.example', true],
    ['chat.example', 'https://notchat.example', false],
    ['.chat.example', 'https://eu.chat.example', true],
    ['*.chat.example', 'https://eu.chat.example', true],
    ['*', 'https://anything.example', true],
    ['chat.example:8443', 'https://chat.example:8443', true],
    ['chat.example:8443', 'https://chat.example', false],
    ['chat.example:443', 'wss://chat.example/subscribe', true],
    ['chat.example:80', 'ws://chat.example/subscribe', true],
    ['other.example, chat.example', 'https://chat.example', true],
    ['other.example chat.example', 'https://chat.example', true],
    ['10.0.0.0/8', 'https://10.1.2.3', true],
    ['10.0.0.0/8', 'https://11.1.2.3', false],
    ['10.0.0.0/99', 'https://10.1.2.3', false],
    ['fd00::/8', 'https://[fd00::1]', true],
    ['fd00::1', 'https://[fd00::1]:8443', true],
    ['[fd00::1]:8443', 'https://[fd00::1]:8443', true],
    ['[fd00::1]:8443', 'https://[fd00::1]', false],
    ['', 'https://chat.example', false],
  ])('with NO_PROXY %j goes to %s directly: %s', (exceptions, url, isDirect) => {
    for (const name of ['NO_PROXY', 'no_proxy']) {
      const found = createProxyRule({ ...BOTH, [name]: exceptions })(url);
      expect(found === undefined, `${name}`).toBe(isDirect);
    }
  });

  test.each(['http://localhost:1', 'http://a.localhost', 'ws://127.0.0.1:1', 'http://127.9.9.9', 'http://[::1]:1'])(
    'never sends %s, which is this machine, to a proxy',
    (url) => {
      expect(createProxyRule(BOTH)(url)).toBeUndefined();
    },
  );

  test.each(['socks5://user:hunter2@proxy', 'http://'])('refuses %s without repeating it', (proxy) => {
    expect(() => createProxyRule({ HTTPS_PROXY: proxy })).toThrow(
      expect.objectContaining({ code: 'invalid-input', message: expect.stringMatching(/^Cannot use HTTPS_PROXY: /) }),
    );
    expect(() => createProxyRule({ HTTPS_PROXY: proxy })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    );
  });
});

test('a name and a password for a proxy are decoded once', () => {
  expect(proxyAuthorization(new URL('http://bob:p%40ss@proxy'))).toBe(`Basic ${btoa('bob:p@ss')}`);
  expect(proxyAuthorization(new URL('http://bob@proxy'))).toBe(`Basic ${btoa('bob:')}`);
  expect(proxyAuthorization(new URL('http://proxy'))).toBeUndefined();
});

import { describe, expect, test } from 'vitest';
import { addressRequest, parseServerAddress } from './server-address.ts';

describe('parseServerAddress', () => {
  test.each([
    ['https://chat.example', 'https://chat.example', ''],
    ['https://Chat.Example:443/', 'https://chat.example', ''],
    ['http://127.0.0.1:8080/relay/', 'http://127.0.0.1:8080/relay', '/relay'],
    ['https://chat.example/a/b', 'https://chat.example/a/b', '/a/b'],
  ])('reads %s', (text, serverUrl, prefix) => {
    expect(parseServerAddress(text)).toEqual({ serverUrl, prefix });
  });

  test.each([
    ['chat.example', /no URL/],
    ['ftp://chat.example', /https:\/\/ or http:\/\//],
    ['https://bob:hunter2@chat.example', /name or a password/],
    ['https://chat.example/?a=1', /without \? and #/],
    ['https://chat.example/#a', /without \? and #/],
  ])('refuses %s without repeating it', (text, problem) => {
    expect(() => parseServerAddress(text)).toThrow(problem);
    expect(() => parseServerAddress(text)).toThrow(
      expect.objectContaining({ code: 'invalid-input', message: expect.not.stringContaining('hunter2') }),
    );
  });
});

describe('addressRequest', () => {
  test('signs what is sent, without the prefix', () => {
    const address = parseServerAddress('https://chat.example/relay');
    expect(addressRequest(address, '/spaces/x?since=1%3Aa&name=%27')).toEqual({
      url: 'https://chat.example/relay/spaces/x?since=1%3Aa&name=%27',
      target: '/spaces/x?since=1%3Aa&name=%27',
    });
  });

  test('normalises once, so that the signed text is the text on the wire', () => {
    const address = parseServerAddress('https://chat.example');
    expect(addressRequest(address, "/search?q='a b'")).toEqual({
      url: 'https://chat.example/search?q=%27a%20b%27',
      target: '/search?q=%27a%20b%27',
    });
  });

  test.each(['/../admin', '/%2e%2e/admin', '/a/../../admin'])('refuses %s, which leaves the prefix', (path) => {
    const address = parseServerAddress('https://chat.example/relay');
    expect(() => addressRequest(address, path)).toThrow(expect.objectContaining({ code: 'invalid-input' }));
  });
});

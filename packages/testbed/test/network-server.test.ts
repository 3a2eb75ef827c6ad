// The servers that tests stand on: they come back with what they had, on the address they had.
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { startNetworkServer } from '../src/network/network-server.ts';
import { waitFor } from '../src/network/wait-for.ts';

async function health(url: string): Promise<number | 'away'> {
  try {
    return (await fetch(`${url}/health`)).status;
  } catch {
    return 'away';
  }
}

describe.each([{ process: false }, { process: true }])('a server with %o', (options) => {
  it('is there, goes, comes back at the same address, and leaves nothing behind', async () => {
    const server = await startNetworkServer(options);
    const { url, dataDir } = server;
    expect([await health(url), server.isRunning]).toEqual([200, true]);
    await server.stop();
    expect([await health(url), server.isRunning]).toEqual(['away', false]);
    await server.start();
    expect([await health(url), server.url, existsSync(dataDir)]).toEqual([200, url, true]);
    await server[Symbol.asyncDispose]();
    expect([await health(url), existsSync(dataDir)]).toEqual(['away', false]);
  });

  it('cannot be started twice', async () => {
    await using server = await startNetworkServer(options);
    await expect(server.start()).rejects.toThrow('it runs');
    expect(await health(server.url)).toBe(200);
  });
});

it('is killed and comes back when it has a process of its own', async () => {
  await using server = await startNetworkServer({ process: true });
  await server.kill();
  expect([await health(server.url), server.isRunning]).toEqual(['away', false]);
  await server.start();
  expect(await health(server.url)).toBe(200);
});

it('cannot be killed in the process of the test', async () => {
  await using server = await startNetworkServer();
  await expect(server.kill()).rejects.toThrow('option `process`');
});

it('says what it waited for in vain', async () => {
  await expect(waitFor(() => false, 'the impossible', { timeoutMs: 1 })).rejects.toThrow('Waited for the impossible');
});

it('gives what it waited for', async () => {
  const values = [false, undefined, 0];
  expect(await waitFor(() => values.shift(), 'a value')).toBe(0);
});

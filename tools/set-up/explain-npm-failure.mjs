// What an npm failure means for the person who only wanted to start the program.

const SHOWN_LINES = 15;
const PROGRESS_LINE = /^npm http .*\n?/gm;
const REQUESTED_URL = /(?:request to|GET|GET \d{3}|at:) (https?:\/\/[^\s,]+)/;
const NO_ANSWER = 'NO_ANSWER';

const EXPLANATIONS = [
  {
    codes:
      /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|EPIPE|ETIMEDOUT|\w*TIMEOUT|NO_ANSWER)$/,
    explain: ({ code, registry }) =>
      `Cannot install the dependencies: ${registry} cannot be reached (${code}), ` +
      'check the network and the proxy settings of npm, then run the command again',
  },
  {
    codes: /^(\w*CERT\w*|UNABLE_TO_VERIFY_LEAF_SIGNATURE|ERR_TLS\w*)$/,
    explain: ({ code, registry }) =>
      `Cannot install the dependencies: the certificate of ${registry} is not trusted (${code}), ` +
      'name the right authority with "npm config set cafile", then run the command again',
  },
  {
    codes: /^E(401|403|404|405|407|429|451|5\d\d)$/,
    explain: ({ code, registry, url }) =>
      `Cannot install the dependencies: ${registry} refused ${url ?? 'a package'} (${code}), ` +
      'check that "npm config get registry" names a registry that has it and lets you read it, then run the command again',
  },
  {
    codes: /^EUSAGE$/,
    explain: () =>
      'Cannot install the dependencies: package-lock.json does not fit the package.json files, ' +
      'run "npm install" and keep the lockfile it writes',
  },
  {
    codes: /^(ENOSPC|EDQUOT)$/,
    explain: ({ code }) => `Cannot install the dependencies: the disk is full (${code})`,
  },
];

/**
 * One sentence for what we know, the last lines of npm for the rest.
 * @param {string} output everything npm printed
 * @param {{ isStalled?: boolean, configuredRegistry?: string | undefined }} options `isStalled`: we ended npm, because
 *   the registry had stopped answering. The configured registry is for failures that do not name one.
 */
export function explainNpmFailure(output, { isStalled = false, configuredRegistry } = {}) {
  const verdict = output.replace(PROGRESS_LINE, '');
  const code = isStalled ? NO_ANSWER : (/^npm (?:error|ERR!) code (\S+)/m.exec(verdict)?.[1] ?? '');
  const url = REQUESTED_URL.exec(verdict)?.[1];
  const registry = nameRegistry(url ?? configuredRegistry ?? REQUESTED_URL.exec(output)?.[1]);
  const known = EXPLANATIONS.find(({ codes }) => codes.test(code));
  if (known === undefined) return `Cannot install the dependencies: npm failed and said\n${lastLines(verdict)}`;
  return known.explain({ code, url: withoutCredentials(url), registry });
}

function nameRegistry(address) {
  const host = parseUrl(address)?.host;
  return host === undefined ? 'the package registry' : `the package registry ${host}`;
}

function withoutCredentials(address) {
  const url = parseUrl(address);
  return url === undefined ? undefined : url.origin + url.pathname;
}

function parseUrl(address) {
  return URL.canParse(address ?? '') ? new URL(address) : undefined;
}

function lastLines(output) {
  return output.trim().split('\n').slice(-SHOWN_LINES).join('\n');
}

// What a program of a vendor gets from our environment. spec: daemon-and-cli D-44

/** What a program needs to run at all; keys and tokens of the operator are none of its business. */
const PASSED_ON =
  /^(?:PATH|PATHEXT|SYSTEMROOT|SYSTEMDRIVE|COMSPEC|WINDIR|TEMP|TMP|TMPDIR|LANG|LC_\w+|TZ|TERM|SHELL|USER|LOGNAME|USERNAME|(?:HTTPS?|NO|ALL)_PROXY|NODE_EXTRA_CA_CERTS|SSL_CERT_(?:FILE|DIR))$/i;

export type Environment = Readonly<Record<string, string | undefined>>;

/** `home`: of whom it runs for. */
export function helperEnvironment(environment: Environment, home: string): Environment {
  const passedOn = Object.entries(environment).filter(([name]) => PASSED_ON.test(name));
  return { ...Object.fromEntries(passedOn), HOME: home, USERPROFILE: home };
}

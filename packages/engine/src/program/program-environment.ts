// What an agent's program sees of the environment of the daemon: what it needs to run, and nothing that opens a door. The model
// can read all of it. spec: runtimes 5.2
export interface ProgramEnvironmentOptions {
  /** The agent's folder. */
  readonly home: string;
  /** What the operator wants beside that, and what the engine needs. Wins. */
  readonly added?: Readonly<Record<string, string>>;
}

const KEPT: ReadonlySet<string> = new Set(
  [
    'PATH SHELL USER LOGNAME LANG LANGUAGE TZ TMPDIR TERM',
    'HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY SSL_CERT_FILE SSL_CERT_DIR NODE_EXTRA_CA_CERTS',
    // Windows does not start anything without these.
    'SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC PATHEXT TEMP TMP USERNAME OS NUMBER_OF_PROCESSORS PROCESSOR_ARCHITECTURE',
    'PROGRAMFILES PROGRAMFILES(X86) PROGRAMDATA COMMONPROGRAMFILES',
  ].flatMap((names) => names.split(' ')),
);

/** `inherited`: the environment of the daemon. */
export function buildProgramEnvironment(
  inherited: Readonly<Record<string, string | undefined>>,
  { home, added = {} }: ProgramEnvironmentOptions,
): Record<string, string> {
  const kept = Object.entries(inherited).flatMap(([name, value]) =>
    value !== undefined && isKept(name.toUpperCase()) ? [[name, value] as const] : [],
  );
  return { ...Object.fromEntries(kept), HOME: home, USERPROFILE: home, ...added };
}

function isKept(name: string): boolean {
  return KEPT.has(name) || name.startsWith('LC_');
}

const MIN_SECRET = 8;
const SECRET_NAME = /KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL/i;

/** The values that must not stand in a log. */
export function secretsOf(environment: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(environment).flatMap(([name, value]) =>
    SECRET_NAME.test(name) && value.length >= MIN_SECRET ? [value] : [],
  );
}

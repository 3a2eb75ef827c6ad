// How programs are started: on this machine, or later in a container. spec: runtimes 5.2, 6.5
export interface ProgramPlacement {
  /** Resolves when it runs; fails with an `EngineError` (`unavailable`) that says what to do. */
  start(command: ProgramCommand): Promise<ProgramHandle>;
}

export interface ProgramCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
}

/** A program with a process group of its own. */
export interface ProgramHandle extends AsyncDisposable {
  readonly pid: number;
  /** Lines of its standard output, whole, for one reader; one above the limit ends the program. */
  readonly lines: AsyncIterable<string>;
  /** One line is added a line end. Rejects when it has ended. */
  write(line: string): Promise<void>;
  endInput(): void;
  /** The end of what it wrote to its standard error. */
  stderrTail(): string;
  /** Never rejects. */
  readonly ended: Promise<{ readonly exitCode: number | undefined; readonly signal: string | undefined }>;
  /** Input closed, then TERM, then KILL for the whole group, within ten seconds. */
  stop(): Promise<void>;
}

import { AppError, type ErrorField } from '@puffo/base';

export type TestbedErrorCode =
  /** Nothing that the test waited for came in time. */
  | 'wait-timed-out'
  /** The server does not start, or says no to a step of a scenario. */
  | 'server-failed'
  /** The test asks for something that this network does not have. */
  | 'not-possible';

/** What keeps a network of a test from being what the test asked for. */
export class TestbedError extends AppError<TestbedErrorCode> {
  override readonly name = 'TestbedError';

  constructor(code: TestbedErrorCode, message: string, fields: Readonly<Record<string, ErrorField>> = {}) {
    super(message, { code, fields });
  }
}

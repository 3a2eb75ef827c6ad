/** Owns resources and closes them in reverse order, all of them, whatever some of them throw. */
export interface Closer extends AsyncDisposable {
  use<Resource extends AsyncDisposable>(resource: Resource): Resource;
  defer(close: () => unknown): void;
}

export function createCloser(): Closer {
  const closing: (() => unknown)[] = [];
  return {
    use(resource) {
      closing.push(() => resource[Symbol.asyncDispose]());
      return resource;
    },
    defer(close) {
      closing.push(close);
    },
    async [Symbol.asyncDispose]() {
      const errors: unknown[] = [];
      for (let close = closing.pop(); close !== undefined; close = closing.pop()) {
        try {
          await close();
        } catch (error) {
          errors.push(error);
        }
      }
      if (errors.length === 1) throw errors[0];
      if (errors.length > 1) throw new AggregateError(errors, 'Cannot close everything');
    },
  };
}

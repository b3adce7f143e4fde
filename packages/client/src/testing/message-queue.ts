/** Messages in order of arrival, for readers that come earlier or later. */
export interface MessageQueue<T> {
  push(value: T): void;
  /** Readers get what is there, then `error`. */
  end(error: Error): void;
  next(): Promise<T>;
  readonly length: number;
}

export function createMessageQueue<T>(): MessageQueue<T> {
  const values: T[] = [];
  const readers: PromiseWithResolvers<T>[] = [];
  let ended: Error | undefined;
  return {
    push: (value) => {
      const reader = readers.shift();
      if (reader) reader.resolve(value);
      else values.push(value);
    },
    end: (error) => {
      ended ??= error;
      for (const reader of readers.splice(0)) reader.reject(ended);
    },
    next: async () => {
      const value = values.shift();
      if (value !== undefined) return value;
      if (ended) throw ended;
      const reader = Promise.withResolvers<T>();
      readers.push(reader);
      return reader.promise;
    },
    get length() {
      return values.length;
    },
  };
}

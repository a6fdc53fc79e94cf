// What daemon and child place say to each other: one JSON object a line over a pipe of their own (file
// descriptor 3). Not node's IPC channel: one line of garbage on that is an uncaught exception in the
// parent, before anybody can check it, and its messages know no cap.

import * as z from 'zod';

export const wireLimits = {
  /** An SDP of 64 kB, and what JSON adds. */
  saidBytesMax: 128 * 1024,
  /** Sixteen of them. */
  toldBytesMax: 2 * 1024 * 1024,
  /** What the other end has not read yet. */
  unreadBytesMax: 4 * 1024 * 1024,
} as const;

/** Descriptor of the pipe in the child. */
export const placeFd = 3;
export const beatMsDefault = 1000;

export const fromChild = z.discriminatedUnion('t', [
  z.strictObject({ t: z.literal('hello') }),
  z.strictObject({ t: z.literal('beat') }),
  z.strictObject({ t: z.literal('say'), m: z.unknown() }),
]);
export const fromParent = z.strictObject({ t: z.literal('say'), m: z.unknown() });

export const lineOf = (message: z.infer<typeof fromChild | typeof fromParent>): string =>
  `${JSON.stringify(message)}\n`;

/** What is wrong with a message, in a few words. */
export class Problem {
  readonly what: string;
  constructor(what: string) {
    this.what = what;
  }
}

/** Reads a line of JSON as `schema` has it. */
export function parseLine<T>(schema: z.ZodType<T>, line: string): T | Problem {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return new Problem('not JSON');
  }
  return checked(schema, json);
}

export function checked<T>(schema: z.ZodType<T>, value: unknown): T | Problem {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  return new Problem(`${issue?.path.join('.') || 'message'}: ${issue?.message ?? 'wrong'}`);
}

/** Cuts a stream into lines; holds one line's worth at most. */
export class Lines {
  readonly #bytesMax: number;
  readonly #line: (line: string) => void;
  readonly #tooLong: () => void;
  #held: Buffer = Buffer.alloc(0);

  constructor(bytesMax: number, line: (line: string) => void, tooLong: () => void) {
    this.#bytesMax = bytesMax;
    this.#line = line;
    this.#tooLong = tooLong;
  }

  push(chunk: Buffer): void {
    let rest = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      const line = rest.subarray(0, end);
      rest = rest.subarray(end + 1);
      if (line.length > this.#bytesMax) this.#tooLong();
      else this.#line(line.toString('utf8'));
    }
    const isLong = rest.length > this.#bytesMax;
    // A copy: what was cut off it must not be kept alive by it.
    this.#held = isLong ? Buffer.alloc(0) : Buffer.from(rest);
    if (isLong) this.#tooLong();
  }
}

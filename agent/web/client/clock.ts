// Time and ids of the client library: the only file here that asks the system for them.

export interface ClientClock {
  /** Milliseconds since 1970. */
  wallMs(): number;
  /** Milliseconds, never backwards. */
  monoMs(): number;
  /** Calls back once; returns the cancel. */
  after(delayMs: number, call: () => void): () => void;
}

export const systemClock: ClientClock = {
  wallMs: () => Date.now(),
  monoMs: () => performance.now(),
  after(delayMs, call) {
    const timer = setTimeout(call, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Unique for ever; a word of a topic. Browsers have it on https and on localhost only. */
export const newId = (): string => crypto.randomUUID();

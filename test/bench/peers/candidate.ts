// What the comparison with other tools asks of each side, the agent included, and the subscriber at
// the city's broker that all of them are heard by. A message counts as taken when its user has been
// told so: that is what may not be lost afterwards.

import { Peer } from '../mqtt-bytes.ts';

/** Times are CLOCK_MONOTONIC, milliseconds. */
export interface Arrival {
  readonly atMs: number;
  readonly id: string;
}

export interface Sent {
  /** False: the tool itself said that it could not store it. */
  readonly taken: boolean;
  /** When the publishing call was made; of the agent: when the loop had the edge. */
  callMs(): Promise<number>;
  /** What the city's subscriber has heard of it so far. */
  arrivals(): readonly Arrival[];
}

export interface Candidate {
  /** Runs and is connected, to the city's broker too where that is up. */
  start(): Promise<void>;
  /** Resolves the moment it is taken. */
  send(): Promise<Sent>;
  /** Ready for the next message: whatever the last one led to has been cleared away. */
  rest(): Promise<void>;
  /** Of the process that stores. */
  readonly pid: number;
  /** SIGKILL, and its end. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

interface Alarm {
  readonly arrival: Arrival;
  readonly kind: string;
  readonly input: string;
  readonly incident: string;
}

/** Where everything that was published ends up. */
export class City {
  readonly #port: number;
  readonly #heard = new Map<string, Arrival[]>();
  /** The agent's. */
  readonly alarms: Alarm[] = [];
  #peer: Peer | null = null;

  constructor(port: number) {
    this.#port = port;
  }

  /** Again, after the broker was away. */
  async connect(): Promise<void> {
    this.close();
    const filters = ['peer/#', 'gate/v1/+/alarm'];
    this.#peer = await Peer.open(this.#port, 'city', filters, ({ type, topic, payload }) => {
      const atMs = Number(process.hrtime.bigint()) / 1e6;
      if (type !== 'publish') return;
      if (topic.startsWith('peer/')) return this.#keep(textOf(payload), atMs);
      const { id, kind, input = '', incident = '' } = JSON.parse(payload.toString());
      this.alarms.push({ arrival: { atMs, id }, kind, input, incident });
    });
  }

  close(): void {
    this.#peer?.close();
    this.#peer = null;
  }

  of(id: string): readonly Arrival[] {
    return this.#heard.get(id) ?? [];
  }

  #keep(id: string, atMs: number): void {
    const seen = this.#heard.get(id);
    if (seen) seen.push({ atMs, id });
    else this.#heard.set(id, [{ atMs, id }]);
  }
}

/** The id that a message of a peer begins with, up to the first space. */
const textOf = (payload: Buffer): string => {
  const end = payload.indexOf(0x20);
  return payload.toString('latin1', 0, end < 0 ? payload.length : end);
};

/** Messages of the size of the agent's own alarm. */
export class Letters {
  readonly #prefix: string;
  readonly #bytes: number;
  #count = 0;

  constructor(prefix: string, bytes: number) {
    this.#prefix = prefix;
    this.#bytes = bytes;
  }

  next(): { readonly id: string; readonly text: string } {
    const id = `${this.#prefix}-${++this.#count}`;
    return { id, text: `${id} `.padEnd(this.#bytes, 'x') };
  }
}

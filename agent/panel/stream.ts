// The streams of events: what the page shows, told at each change. Bounded in number, and one that does not
// read what it is told is closed.

import type { ServerResponse } from 'node:http';
import type { Clock } from '../ports.ts';
import { type EventName, panelLimits } from './api.ts';
import { Turned } from './request.ts';

/** Told and not read; a view is a few kB. */
const unreadBytesMax = 128 * 1024;

/** What is to be told to one of them now; null: nothing of that kind. */
export interface Told {
  readonly view: object;
  readonly session: object;
  readonly inputs: object | null;
}

interface Stream {
  readonly response: ServerResponse;
  readonly address: string;
  readonly now: () => Told;
  readonly last: Map<EventName, string>;
  toldMs: number;
}

export class Streams {
  readonly #clock: Clock;
  readonly #open = new Set<Stream>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Throws `Turned`. `gone` is called when it is over. */
  open(response: ServerResponse, address: string, now: () => Told, gone: () => void): void {
    const ofOne = [...this.#open].filter((one) => one.address === address).length;
    if (this.#open.size >= panelLimits.streamsMax || ofOne >= panelLimits.streamsOfOneMax)
      throw new Turned('too-many', panelLimits.beatMs);
    const stream = { response, address, now, last: new Map(), toldMs: this.#clock.now().monoMs };
    this.#open.add(stream);
    response.on('close', () => {
      this.#open.delete(stream);
      gone();
    });
    response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
    response.write('retry: 1000\n\n');
    this.#tell(stream);
  }

  /** Looks at all of them: something may have changed. */
  tell(): void {
    for (const stream of this.#open) this.#tell(stream);
  }

  close(): void {
    for (const { response } of this.#open) response.destroy();
  }

  #tell(stream: Stream): void {
    const { response, now, last } = stream;
    const { monoMs, wallMs } = this.#clock.now();
    const { view, session, inputs } = now();
    const told = { view, session, ...(inputs ? { inputs } : {}) };
    let text = '';
    for (const [name, body] of Object.entries(told) as [EventName, object][]) {
      const data = JSON.stringify(body);
      // The time alone is no news, nor is how exactly an input's change was reckoned back to it.
      const since = name === 'inputs' ? data.replace(/"sinceWallMs":\d+,?/g, '') : data;
      const news = since.replace(/"nowWallMs":\d+,?/, '');
      if (last.get(name) === news) continue;
      last.set(name, news);
      text += `event: ${name}\ndata: ${data}\n\n`;
    }
    if (!inputs) last.delete('inputs');
    if (text === '' && monoMs - stream.toldMs >= panelLimits.beatMs)
      text = `event: beat\ndata: ${JSON.stringify({ nowWallMs: Math.round(wallMs) })}\n\n`;
    if (text === '') return;
    stream.toldMs = monoMs;
    response.write(text);
    if (response.writableLength > unreadBytesMax) response.destroy();
  }
}

// The Paho C client with file persistence, in the small program paho.c. Taken: MQTTAsync_sendMessage
// has said yes.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Candidate, Letters, type Sent } from './candidate.ts';
import { Answers, type Place, Tool } from './process.ts';

export class Paho implements Candidate {
  readonly #program: string;
  readonly #place: Place;
  readonly #letters: Letters;
  readonly #answers = new Answers();
  #tool: Tool | null = null;

  /** `program`: see `builtPaho`. */
  constructor(program: string, place: Place) {
    this.#program = program;
    this.#place = place;
    this.#letters = new Letters('paho', place.bytes);
  }

  get pid(): number {
    return this.#tool?.pid ?? 0;
  }

  async start(): Promise<void> {
    const dir = join(this.#place.dir, 'paho');
    mkdirSync(dir, { recursive: true });
    const server = `tcp://127.0.0.1:${this.#place.cityPort}`;
    const tool = new Tool(this.#program, [server, 'paho', dir, 'peer/paho']);
    this.#tool = tool;
    const { stdout } = tool.child;
    if (stdout) createInterface({ input: stdout }).on('line', (line) => this.#answers.take(line));
  }

  async send(): Promise<Sent> {
    const { id, text } = this.#letters.next();
    const answer = this.#answers.of(id);
    this.#tool?.child.stdin?.write(`${text}\n`);
    const callMs = await answer;
    const { city } = this.#place;
    return { taken: true, callMs: async () => callMs, arrivals: () => city.of(id) };
  }

  async rest(): Promise<void> {}

  async kill(): Promise<void> {
    await this.#tool?.end('SIGKILL');
  }

  async close(): Promise<void> {
    await this.#tool?.end('SIGTERM');
  }
}

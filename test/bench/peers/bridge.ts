// A mosquitto of the school's own, bridged to the city's, told to save its database after every
// change. Taken: the school's broker has sent its PUBACK.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, listens } from '#test/support/mosquitto.ts';
import { until, within } from '#test/support/wait.ts';
import { Peer } from '../mqtt-bytes.ts';
import { type Candidate, Letters, type Sent } from './candidate.ts';
import { type Place, Tool } from './process.ts';

const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;

export class Bridge implements Candidate {
  readonly #place: Place;
  readonly #letters: Letters;
  #port = 0;
  #tool: Tool | null = null;
  #peer: Peer | null = null;
  #acked = () => {};

  constructor(place: Place) {
    this.#place = place;
    this.#letters = new Letters('bridge', place.bytes);
  }

  get pid(): number {
    return this.#tool?.pid ?? 0;
  }

  async start(): Promise<void> {
    const dir = join(this.#place.dir, 'bridge');
    mkdirSync(dir, { recursive: true });
    this.#port ||= await freePort();
    const config = join(dir, 'mosquitto.conf');
    writeFileSync(config, confOf(this.#port, this.#place.cityPort, dir));
    const tool = new Tool('mosquitto', ['-c', config]);
    this.#tool = tool;
    const up = () => {
      if (tool.child.exitCode !== null) throw new Error(`the bridge ended: ${tool.said}`);
      return listens(this.#port);
    };
    await until(up, { withinMs: 10_000, what: 'the bridge' });
    this.#peer = await Peer.open(this.#port, 'school', [], ({ type }) => {
      if (type === 'puback') this.#acked();
    });
  }

  async send(): Promise<Sent> {
    const { id, text } = this.#letters.next();
    const acked = new Promise<void>((done) => {
      this.#acked = done;
    });
    const callMs = nowMs();
    this.#peer?.publish('peer/bridge', Buffer.from(text));
    await within(acked, { withinMs: 10_000, what: 'the PUBACK of the bridge' });
    const { city } = this.#place;
    return { taken: true, callMs: async () => callMs, arrivals: () => city.of(id) };
  }

  async rest(): Promise<void> {}

  async kill(): Promise<void> {
    this.#peer?.close();
    await this.#tool?.end('SIGKILL');
  }

  async close(): Promise<void> {
    this.#peer?.close();
    await this.#tool?.end('SIGTERM');
  }
}

const confOf = (port: number, cityPort: number, dir: string): string =>
  [
    `listener ${port} 127.0.0.1`,
    'user root',
    'allow_anonymous true',
    'set_tcp_nodelay true',
    'persistence true',
    `persistence_location ${dir}/`,
    'autosave_on_changes true',
    'autosave_interval 1',
    'connection city',
    `address 127.0.0.1:${cityPort}`,
    'topic peer/# out 1',
    'cleansession false',
    'notifications false',
    'restart_timeout 1',
    '',
  ].join('\n');

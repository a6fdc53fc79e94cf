// TLS for a row: an authority, a broker and a terminal with certificates of chosen dates, on a listener
// beside the plain one that the platform uses. Any can be made anew in the middle of a story.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { terminalId } from '#agent/sim/room.ts';
import { type Issued, issue, type Window } from '#test/support/dated-certs.ts';
import { freePort } from '#test/support/mosquitto.ts';
import { configure, listening, reconfigure } from './line-setup.ts';
import type { Scene } from './scene.ts';

export const valid: Window = { fromDays: -10, toDays: 300 };
export const expired: Window = { fromDays: -10, toDays: -1 };

interface Dates {
  readonly authority?: Window;
  readonly broker?: Window;
  readonly terminal?: Window;
}

/** How the broker is called, and where it is reached. */
interface Place {
  readonly host: string;
  readonly names: string;
  /** The port that the terminal uses, of the one that the broker listens on. */
  readonly via: (port: number) => Promise<number>;
}

const here: Place = { host: '127.0.0.1', names: 'IP:127.0.0.1', via: async (port) => port };

export class Tls {
  readonly #scene: Scene;
  readonly #place: Place;
  #authority: Issued | null = null;

  private constructor(scene: Scene, place: Place) {
    this.#scene = scene;
    this.#place = place;
  }

  /** The daemon is not running yet; broker and platform are. */
  static async open(scene: Scene, dates: Dates = {}, place: Place = here): Promise<Tls> {
    const tls = new Tls(scene, place);
    await mkdir(tls.#dir);
    await tls.issue({ authority: valid, broker: valid, terminal: valid, ...dates });
    const port = await freePort();
    const at = (file: string) => join(tls.#dir, file);
    await reconfigure(scene.house.broker, (lines) =>
      [
        ...[lines, `listener ${port} 127.0.0.1`, `cafile ${at('ca.pem')}`],
        ...[`certfile ${at('broker.pem')}`, `keyfile ${at('broker.key')}`],
        ...['require_certificate true', ''],
      ].join('\n'),
    );
    await listening(scene);
    const url = `mqtts://${place.host}:${await place.via(port)}`;
    const files = { ca: at('ca.pem'), cert: at('terminal.pem'), key: at('terminal.key') };
    await configure(scene, { broker: { url, ...files } });
    return tls;
  }

  /** Makes those certificates anew that are named. */
  async issue({ authority, broker, terminal }: Dates): Promise<void> {
    const dir = this.#dir;
    if (authority) {
      const order = { name: 'authority', kind: 'authority', window: authority } as const;
      this.#authority = await issue(dir, order);
      await this.#write('ca', this.#authority);
    }
    const by = this.#authority;
    if (!by) throw new Error('there is no authority yet');
    const { names } = this.#place;
    const server = { name: 'broker', kind: 'server', by, names } as const;
    const client = { name: terminalId, kind: 'client', by } as const;
    if (broker) await this.#write('broker', await issue(dir, { ...server, window: broker }));
    if (terminal) await this.#write('terminal', await issue(dir, { ...client, window: terminal }));
  }

  /** The broker reads its certificates again. */
  async restartBroker(): Promise<void> {
    const { broker } = this.#scene.house;
    await broker.down();
    await broker.up();
    await listening(this.#scene);
  }

  get #dir(): string {
    return join(this.#scene.house.dir, 'tls');
  }

  async #write(name: string, { cert, key }: Issued): Promise<void> {
    await writeFile(join(this.#dir, `${name}.pem`), cert);
    await writeFile(join(this.#dir, `${name}.key`), key, { mode: 0o600 });
  }
}

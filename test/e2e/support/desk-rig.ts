// The console's static files on a server of any kind, a real mosquitto behind it, and a city of scripted
// terminals: what is needed to see many of them at once.

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { consoleFiles } from '#agent/sim/page/console-files.ts';
import { buildPage } from '#test/support/build-page.ts';
import { City } from '#test/support/city.ts';
import { freePort, listens, Mosquitto } from '#test/support/mosquitto.ts';
import { until } from '#test/support/wait.ts';

export class DeskRig {
  readonly broker: Mosquitto;
  readonly city: City;
  /** Tiles of the map that were asked for. */
  readonly tiles: Set<string>;
  readonly #server: Server;

  private constructor(parts: Pick<DeskRig, 'broker' | 'city' | 'tiles'>, server: Server) {
    this.broker = parts.broker;
    this.city = parts.city;
    this.tiles = parts.tiles;
    this.#server = server;
  }

  /** `also`: other fields of console.json. */
  static async open(also: object = {}): Promise<DeskRig> {
    buildPage('console');
    const port = await freePort();
    const config = [`listener ${port} 127.0.0.1`, 'protocol websockets', 'max_queued_messages 0'];
    const broker = await Mosquitto.start({ config });
    await until(() => listens(port), { withinMs: 10_000, what: 'the WebSocket listener' });
    const tiles = new Set<string>();
    const server = await serve(port, also, tiles);
    const city = new City();
    await city.open(broker.url);
    return new DeskRig({ broker, city, tiles }, server);
  }

  get url(): string {
    const address = this.#server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    return `http://localhost:${port}/console/`;
  }

  async close(): Promise<void> {
    await this.city.close();
    this.#server.close();
    this.#server.closeAllConnections();
    await this.broker.remove();
  }
}

/** A red one, of one pixel; a map draws it as large as any. */
const tile = {
  type: 'image/png',
  body: Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4' +
      'z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC',
    'base64',
  ),
};
const direct = { type: 'application/json', body: '{"servers":[]}' };

/** As a web server in front of a broker does it: files, and one path that leads to the broker. */
async function serve(brokerPort: number, also: object, tiles: Set<string>): Promise<Server> {
  const files = await consoleFiles('/console/', also);
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const isTile = /^\/tiles\/\d+\/\d+\/\d+\.png$/.test(pathname);
    if (isTile) tiles.add(pathname);
    const file = isTile ? tile : pathname === '/ice' ? direct : files.get(pathname);
    if (!file) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': file.type }).end(file.body);
  });
  server.on('upgrade', ({ rawHeaders }, socket: Duplex, head: Buffer) => {
    const broker = connect(brokerPort, '127.0.0.1');
    const lines = rawHeaders.flatMap((word, n) => (n % 2 ? [] : [`${word}: ${rawHeaders[n + 1]}`]));
    broker.write(`GET /mqtt HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    broker.write(head);
    socket.pipe(broker).pipe(socket);
    for (const end of [socket, broker]) end.on('error', () => end.destroy());
    socket.once('close', () => broker.destroy());
    broker.once('close', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

// Serves a disk over NBD (fixed newstyle, no structured replies) on a unix socket, to QEMU or nbdfuse.
// https://github.com/NetworkBlockDevice/nbd/blob/master/doc/proto.md

import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

export interface Disk {
  readonly bytes: number;
  read(offset: number, length: number): Buffer;
  write(offset: number, data: Buffer): void;
  flush(): void;
}

const hasFlagsSendFlush = 1 | 4;
const option = { exportName: 1, abort: 2, info: 6, go: 7 } as const;
const request = { read: 0, write: 1, disconnect: 2, flush: 3 } as const;
const invalid = 22;

export class NbdServer {
  readonly #disk: Disk;
  readonly #asked: () => void;
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;

  /** `asked` is called before each request is obeyed; it may cut. */
  constructor(disk: Disk, asked: () => void) {
    this.#disk = disk;
    this.#asked = asked;
  }

  async listen(path: string): Promise<void> {
    const server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      this.#serve(socket).catch((error: Error) => socket.destroy(error));
      // The client's end of a cut: nothing is left to be told.
      socket.on('error', () => socket.destroy());
    });
    this.#server = server;
    server.listen(path);
    await once(server, 'listening');
  }

  /** From here on every request fails. */
  cut(): void {
    this.#server?.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #serve(socket: Socket): Promise<void> {
    const input = new Input(socket);
    socket.write(bytes(['text', 'NBDMAGICIHAVEOPT'], [16, 3]));
    await input.take(4);
    if (!(await this.#agree(socket, input))) return;
    for (;;) {
      const head = await input.take(28);
      if (!head) return;
      const type = head.readUInt16BE(6);
      if (type === request.disconnect) return void socket.end();
      const length = head.readUInt32BE(24);
      const payload = type === request.write ? await input.take(length) : null;
      if (type === request.write && !payload) return;
      this.#asked();
      if (socket.destroyed) return;
      const { error, data } = this.#obey(type, Number(head.readBigUInt64BE(16)), length, payload);
      const reply = bytes([32, 0x67446698], [32, error]);
      socket.write(Buffer.concat([reply, head.subarray(8, 16), data]));
    }
  }

  #obey(type: number, offset: number, length: number, payload: Buffer | null) {
    const nothing = Buffer.alloc(0);
    if (type === request.read) return { error: 0, data: this.#disk.read(offset, length) };
    if (type === request.flush) this.#disk.flush();
    else if (payload) this.#disk.write(offset, payload);
    else return { error: invalid, data: nothing };
    return { error: 0, data: nothing };
  }

  /** True when both sides are ready to transfer. */
  async #agree(socket: Socket, input: Input): Promise<boolean> {
    const size = bytes([64, this.#disk.bytes], [16, hasFlagsSendFlush]);
    for (;;) {
      const head = await input.take(16);
      if (!head) return false;
      const asked = head.readUInt32BE(8);
      await input.take(head.readUInt32BE(12));
      const reply = (type: number, data = Buffer.alloc(0)) => {
        const frame = bytes([64, 0x3e889045565a9], [32, asked], [32, type], [32, data.length]);
        socket.write(Buffer.concat([frame, data]));
      };
      if (asked === option.exportName) {
        socket.write(size);
        return true;
      }
      if (asked === option.abort) {
        reply(1);
        socket.end();
        return false;
      }
      if (asked !== option.info && asked !== option.go) {
        reply(0x80000001);
        continue;
      }
      reply(3, Buffer.concat([bytes([16, 0]), size]));
      reply(1);
      if (asked === option.go) return true;
    }
  }
}

/** Takes so many bytes from a socket; null where it ends before. */
class Input {
  readonly #chunks: AsyncIterator<Buffer>;
  #have: Buffer = Buffer.alloc(0);

  constructor(socket: Socket) {
    this.#chunks = socket[Symbol.asyncIterator]();
  }

  async take(length: number): Promise<Buffer | null> {
    const parts = [this.#have];
    let size = this.#have.length;
    while (size < length) {
      const { value, done } = await this.#chunks.next();
      if (done) return null;
      parts.push(value);
      size += value.length;
    }
    const all = parts.length > 1 ? Buffer.concat(parts) : this.#have;
    this.#have = all.subarray(length);
    return all.subarray(0, length);
  }
}

/** Big-endian numbers by their bits, and text. */
function bytes(
  ...fields: readonly (readonly [16 | 32 | 64, number] | readonly ['text', string])[]
) {
  return Buffer.concat(
    fields.map(([kind, value]) => {
      if (kind === 'text') return Buffer.from(value);
      const field = Buffer.alloc(kind / 8);
      if (kind === 64) field.writeBigUInt64BE(BigInt(value));
      else field.writeUIntBE(value, 0, kind / 8);
      return field;
    }),
  );
}

// MQTT 5 by hand, no library: as much as a floor and a platform that must not be in the way need.

import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const types = { connect: 0x10, live: 0x30, publish: 0x32, puback: 0x40, subscribe: 0x82 } as const;

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([word(bytes.length), bytes]);
};

const word = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);

function packet(type: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const length: number[] = [];
  let rest = body.length;
  do {
    const byte = rest % 128;
    rest = Math.floor(rest / 128);
    length.push(rest > 0 ? byte | 0x80 : byte);
  } while (rest > 0);
  return Buffer.concat([Buffer.from([type, ...length]), body]);
}

const none = Buffer.from([0]);

/** QoS 1. */
export const publishBytes = (topic: string, payload: Buffer, id: number): Buffer =>
  packet(types.publish, text(topic), word(id), none, payload);

export interface Received {
  readonly type: 'connack' | 'suback' | 'puback' | 'publish' | 'other';
  readonly topic: string;
  readonly payload: Buffer;
}

const names: { readonly [type: number]: Received['type'] } = {
  2: 'connack',
  3: 'publish',
  4: 'puback',
  9: 'suback',
};

/** Packet ids of a window that is never wider than 65,535. */
const nextId = (id: number): number => (id % 65_535) + 1;

/** A connection; `received` is called for each packet. Acknowledges what others publish. */
export class Peer {
  readonly #socket: Socket;
  readonly #received: (packet: Received) => void;
  #rest: Buffer = Buffer.alloc(0);
  #id = 0;

  private constructor(socket: Socket, received: (packet: Received) => void) {
    this.#socket = socket;
    this.#received = received;
  }

  /** Connected and subscribed when it resolves. */
  static async open(
    port: number,
    clientId: string,
    filters: readonly string[],
    received: (packet: Received) => void,
  ): Promise<Peer> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.setNoDelay(true);
    // The broker's end is told by what does not come.
    socket.on('error', () => socket.destroy());
    let greeted = () => {};
    const greeting = new Promise<void>((done) => {
      greeted = done;
    });
    const last = filters.length > 0 ? 'suback' : 'connack';
    const peer = new Peer(socket, (one) => {
      if (one.type === last) greeted();
      received(one);
    });
    socket.on('data', (chunk) => peer.#take(chunk));
    // Version 5, clean start, no keepalive, no properties.
    const head = Buffer.from([5, 2, 0, 0, 0]);
    socket.write(packet(types.connect, text('MQTT'), head, text(clientId)));
    const wanted = filters.map((filter) => Buffer.concat([text(filter), Buffer.from([1])]));
    if (wanted.length > 0) socket.write(packet(types.subscribe, word(1), none, ...wanted));
    await greeting;
    return peer;
  }

  publish(topic: string, payload: Buffer): void {
    this.#id = nextId(this.#id);
    this.#socket.write(publishBytes(topic, payload, this.#id));
  }

  /** QoS 0. */
  say(topic: string, payload: Buffer): void {
    this.#socket.write(packet(types.live, text(topic), none, payload));
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    let bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    for (let end = endOf(bytes); end > 0; end = endOf(bytes)) {
      this.#read(bytes.subarray(0, end));
      bytes = bytes.subarray(end);
    }
    this.#rest = bytes;
  }

  #read(bytes: Buffer): void {
    const [first = 0] = bytes;
    const type = names[first >> 4] ?? 'other';
    if (type !== 'publish') return this.#received({ type, topic: '', payload: none });
    const body = bytes.subarray(headerOf(bytes));
    const topicEnd = 2 + body.readUInt16BE(0);
    const hasId = (first & 0x06) !== 0;
    const properties = topicEnd + (hasId ? 2 : 0);
    if (hasId) {
      const id = body.subarray(topicEnd, topicEnd + 2);
      this.#socket.write(Buffer.concat([Buffer.from([types.puback, 2]), id]));
    }
    // Lengths of properties stay below 128 here.
    const payload = body.subarray(properties + 1 + (body[properties] ?? 0));
    this.#received({ type, topic: body.toString('utf8', 2, topicEnd), payload });
  }
}

/** Length of the fixed header. */
function headerOf(bytes: Buffer): number {
  let at = 1;
  while ((bytes[at] ?? 0) & 0x80) at += 1;
  return at + 1;
}

/** Length of the first packet; 0 where it is not complete. */
function endOf(bytes: Buffer): number {
  let length = 0;
  for (let at = 1; at < Math.min(bytes.length, 5); at++) {
    const byte = bytes[at] ?? 0;
    length += (byte & 0x7f) * 128 ** (at - 1);
    if (byte < 0x80) return bytes.length >= at + 1 + length ? at + 1 + length : 0;
  }
  return 0;
}

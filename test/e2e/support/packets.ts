// Reads as much of MQTT 5 from a stream of bytes as tells what a PUBLISH carried and which one a PUBACK
// answers. Shares no code with the client under test.

export const packetType = { connect: 1, publish: 3, puback: 4, disconnect: 14 } as const;

export interface WirePacket {
  readonly type: number;
  readonly topic: string;
  readonly packetId: number | null;
  /** Of a PUBLISH; of others, but for PUBACK, all that they carry. */
  readonly payload: string;
}

export class PacketReader {
  #rest: Buffer = Buffer.alloc(0);

  /** The packets that end in this chunk. */
  read(chunk: Buffer): WirePacket[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const packets: WirePacket[] = [];
    for (;;) {
      const length = varint(this.#rest, 1);
      if (!length) return packets;
      const end = length.next + length.value;
      if (this.#rest.length < end) return packets;
      packets.push(packetOf(this.#rest[0] ?? 0, this.#rest.subarray(length.next, end)));
      this.#rest = this.#rest.subarray(end);
    }
  }
}

/** Variable byte integer at `from`; null where it has not come completely. */
function varint(bytes: Buffer, from: number): { value: number; next: number } | null {
  let value = 0;
  for (let i = 0; i < 4; i++) {
    const byte = bytes[from + i];
    if (byte === undefined) return null;
    value += (byte & 0x7f) * 128 ** i;
    if (byte < 0x80) return { value, next: from + i + 1 };
  }
  throw new Error('not MQTT: a length of more than four bytes');
}

function packetOf(head: number, body: Buffer): WirePacket {
  const type = head >> 4;
  if (type === packetType.puback)
    return { type, topic: '', packetId: body.readUInt16BE(0), payload: '' };
  if (type !== packetType.publish)
    return { type, topic: '', packetId: null, payload: body.toString('latin1') };
  const topicEnd = 2 + body.readUInt16BE(0);
  const topic = body.toString('utf8', 2, topicEnd);
  const isAnswered = (head & 0x06) !== 0;
  const packetId = isAnswered ? body.readUInt16BE(topicEnd) : null;
  const properties = varint(body, topicEnd + (isAnswered ? 2 : 0));
  const from = properties ? properties.next + properties.value : body.length;
  return { type, topic, packetId, payload: body.toString('utf8', from) };
}

// The floor, a process of its own: the steps of a press done bare, with fs and net and no library,
// in the order in which the agent does them. Row: 4 KiB over a file that is there already, and
// fdatasync. Then PUBLISH and POST leave in the same tick, on sockets that are open.

import { constants, fdatasyncSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import tty from 'node:tty';
import { Peer } from './mqtt-bytes.ts';

/** From the parent. */
export type FloorOrder =
  | {
      readonly kind: 'press';
      readonly pty: string;
      readonly file: string;
      readonly mqttPort: number;
      readonly domePort: number;
      readonly topic: string;
      /** Bytes of the agent's own alarm and of its own request, one a character. */
      readonly payload: string;
      readonly post: string;
    }
  | {
      readonly kind: 'drain';
      readonly mqttPort: number;
      readonly topic: string;
      readonly payload: string;
      readonly rows: number;
      readonly window: number;
    };

/** To the parent. Times are CLOCK_MONOTONIC, milliseconds. */
export type FloorSays =
  | { readonly kind: 'ready'; readonly port: number }
  | {
      readonly kind: 'pressed';
      readonly readMs: number;
      readonly rowMs: number;
      readonly pubackMs: number;
    }
  | { readonly kind: 'drained'; readonly ms: number };

const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;
const tell = (message: FloorSays): void => {
  process.send?.(message);
};

const blockBytes = 4096;
const blocks = 1000;

function openRows(file: string): () => void {
  const fd = openSync(file, constants.O_RDWR | constants.O_CREAT);
  const block = Buffer.alloc(blockBytes, 0x47);
  for (let n = 0; n < blocks; n++) writeSync(fd, block, 0, blockBytes, n * blockBytes);
  fsyncSync(fd);
  let next = 0;
  return () => {
    writeSync(fd, block, 0, blockBytes, (next++ % blocks) * blockBytes);
    fdatasyncSync(fd);
  };
}

async function press(order: FloorOrder & { kind: 'press' }): Promise<void> {
  const writeRow = openRows(order.file);
  const payload = Buffer.from(order.payload, 'latin1');
  const post = Buffer.from(order.post, 'latin1');
  let [readMs, rowMs] = [0, 0];
  const peer = await Peer.open(order.mqttPort, 'floor', [], ({ type }) => {
    if (type !== 'puback') return;
    const pubackMs = nowMs();
    // Told when the dome has long read the request.
    setTimeout(() => tell({ kind: 'pressed', readMs, rowMs, pubackMs }), 5);
  });
  const dome = connect(order.domePort, '127.0.0.1', () => {
    dome.setNoDelay(true);
    tell({ kind: 'ready', port: dome.localPort ?? 0 });
  });
  dome.resume();
  const line = new tty.ReadStream(openSync(order.pty, constants.O_RDWR | constants.O_NOCTTY));
  let presses = '';
  line.on('data', (chunk: Buffer) => {
    // A frame that says what the one before said is a heartbeat.
    const at = chunk.indexOf(':P:');
    const told = at < 0 ? presses : chunk.toString('latin1', at, chunk.indexOf('*', at));
    if (told === presses) return;
    presses = told;
    readMs = nowMs();
    writeRow();
    rowMs = nowMs();
    peer.publish(order.topic, payload);
    dome.write(post);
  });
}

async function drain(order: FloorOrder & { kind: 'drain' }): Promise<void> {
  const payload = Buffer.from(order.payload, 'latin1');
  let [sent, acked, beganMs] = [0, 0, 0];
  const peer = await Peer.open(order.mqttPort, 'floor-drain', [], ({ type }) => {
    if (type !== 'puback') return;
    acked += 1;
    if (acked === order.rows) tell({ kind: 'drained', ms: nowMs() - beganMs });
    else send();
  });
  const send = () => {
    for (; sent < order.rows && sent - acked < order.window; sent++)
      peer.publish(order.topic, payload);
  };
  beganMs = nowMs();
  send();
}

process.on('message', (order: FloorOrder) => {
  void (order.kind === 'press' ? press(order) : drain(order));
});
process.on('disconnect', () => process.exit(0));

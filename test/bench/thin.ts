// A thin line: 50 ms each way, 20 kB/s. The floor is the agent's own alarm on a bare socket, on a line
// of its own of the same kind, by turns. Bytes are the TCP payload from press to receipt.

import { setTimeout as pause } from 'node:timers/promises';
import { topicsOf } from '#agent/contract.ts';
import { within } from '#test/support/wait.ts';
import { ThinLine } from '#test/uplink/thin-line.ts';
import { Peer } from './mqtt-bytes.ts';
import { Ear, inTurns, press, readied } from './presser.ts';
import { type Between, inputs, openRig } from './rig.ts';
import { compared, type Figures, median } from './stats.ts';
import { Wire } from './wire.ts';

const line = { bytesPerS: 20_000, delayMs: 50, loss: 0, stallMs: 0, seed: 1 };

interface Thin extends Between {
  readonly wire: Wire;
}

/** The broker's end counts. */
async function thinTo(brokerPort: number): Promise<Thin> {
  const wire = await Wire.open(brokerPort);
  const thin = new ThinLine(wire.port, line);
  const port = Number(new URL(await thin.listen()).port);
  const close = async () => {
    await thin.close();
    await wire.close();
  };
  return { wire, port, close };
}

export async function measureThin(presses: number): Promise<Figures> {
  const ear = new Ear();
  const lines: Thin[] = [];
  const via = async (port: number) => {
    const thin = await thinTo(port);
    lines.push(thin);
    return thin;
  };
  const rig = await openRig({ ...ear.setup, via });
  const bareLine = await thinTo(rig.plainPort);
  try {
    const [own] = lines;
    if (!own) throw new Error('the rig made no use of the line');
    await readied(rig, ear);
    const payload = Buffer.from(ear.payload, 'latin1');
    const bytes: { up: number; down: number }[] = [];
    const agent = async (n: number) => {
      // Nothing of the press before is still on its way.
      await pause(4 * line.delayMs);
      const before = { up: own.wire.bytesUp, down: own.wire.bytesDown };
      const received = () => {
        const { bytesUp, bytesDown } = own.wire;
        bytes.push({ up: bytesUp - before.up, down: bytesDown - before.down });
      };
      const { puback } = await press(rig, ear, 1 + (n % inputs), { received });
      return puback;
    };
    const bare = await Bare.open(bareLine.port, payload);
    const seen = await inTurns({ agent, bare: () => bare.publish() }, presses);
    bare.close();
    return {
      thin_presses: presses,
      thin_payload_bytes: payload.length,
      ...compared('thin_press_to_puback', 'thin_puback', seen.agent, seen.bare),
      thin_press_up_bytes: median(bytes.map(({ up }) => up)),
      thin_press_down_bytes: median(bytes.map(({ down }) => down)),
    };
  } finally {
    await rig.close();
    await bareLine.close();
  }
}

class Bare {
  readonly #payload: Buffer;
  #peer: Peer | null = null;
  #acked = (_ms: number) => {};

  private constructor(payload: Buffer) {
    this.#payload = payload;
  }

  static async open(port: number, payload: Buffer): Promise<Bare> {
    const bare = new Bare(payload);
    bare.#peer = await Peer.open(port, 'bare-thin', [], ({ type }) => {
      if (type === 'puback') bare.#acked(Number(process.hrtime.bigint()) / 1e6);
    });
    return bare;
  }

  /** Until the PUBACK, milliseconds. */
  async publish(): Promise<number> {
    const acked = new Promise<number>((done) => {
      this.#acked = done;
    });
    const beganMs = Number(process.hrtime.bigint()) / 1e6;
    this.#peer?.publish(topicsOf('floor').alarm, this.#payload);
    return (await within(acked, { withinMs: 10_000, what: 'the PUBACK' })) - beganMs;
  }

  close(): void {
    this.#peer?.close();
  }
}

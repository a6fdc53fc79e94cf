// A move of the stick, from its bytes leaving for the broker to the dome having read the whole request; and
// the agent's own request written bare to the dome, by turns. Each move is another velocity, after a pause in
// which the dome stands, so that nothing of the one before is under way.

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { topicsOf } from '#agent/contract.ts';
import { monotonicMs } from '#agent/sim/dome/actuators.ts';
import { until } from '#test/support/wait.ts';
import { Peer } from './mqtt-bytes.ts';
import { Ear, inTurns, readied } from './presser.ts';
import { type Move, openRig, type Rig, terminal } from './rig.ts';
import { compared, type Figures, percentile, rounded } from './stats.ts';

const withinMs = 10_000;
const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
const topics = topicsOf(terminal);
const topic = (verb: string): string => topics.command('110-city', 'bench', verb);

export async function measureStick(moves: number): Promise<Figures> {
  const ear = new Ear();
  let heard: Move | null = null;
  const rig = await openRig({
    ...ear.setup,
    move: (request) => {
      heard = request;
    },
  });
  let hand: Hand | null = null;
  let post: Socket | null = null;
  /** Milliseconds from the write to the dome. */
  const timed = async (write: () => void): Promise<number> => {
    heard = null;
    const beganMs = monotonicMs();
    write();
    const request = await until(() => heard, { withinMs, what: 'the request' });
    return request.atMs - beganMs;
  };
  try {
    await readied(rig, ear);
    hand = await Hand.open(rig);
    const { move, rest } = hand;
    await timed(move);
    rest();
    const bytes = Buffer.from((heard as Move | null)?.bytes ?? '', 'latin1');
    post = connect({ port: rig.domePort, host: '127.0.0.1', noDelay: true }).resume();
    await once(post, 'connect');
    const seen = await inTurns(
      {
        stick: async () => {
          const tookMs = await timed(move);
          rest();
          return tookMs;
        },
        bare: () => timed(() => post?.write(bytes)),
      },
      moves,
    );
    const over = percentile(seen.stick, 99) - percentile(seen.bare, 99);
    return {
      stick_moves: moves,
      ...compared('stick', 'stick_post', seen.stick, seen.bare),
      stick_over_post_p99_ms: rounded(over),
    };
  } finally {
    post?.destroy();
    hand?.close();
    await rig.close();
  }
}

/** Who has the stick; each move keeps it. */
class Hand {
  readonly #peer: Peer;
  #lease = '';
  #n = 0;

  private constructor(peer: Peer) {
    this.#peer = peer;
  }

  static async open({ broker }: Rig): Promise<Hand> {
    let lease = '';
    const peer = await Peer.open(
      broker.port,
      'bench-hand',
      [`${topics.replies('110-city', 'bench')}+`],
      ({ payload }) => {
        const [, id] = /"lease":"([^"]+)"/.exec(payload.toString()) ?? [];
        lease ||= id ?? '';
      },
    );
    const hand = new Hand(peer);
    const head = { v: 1, id: randomUUID(), bootId, issuedMs: Date.now(), lifetimeMs: 30_000 };
    peer.publish(topic('stick.take'), Buffer.from(JSON.stringify(head)));
    hand.#lease = await until(() => lease, { withinMs, what: 'the stick' });
    return hand;
  }

  readonly move = (): void => {
    this.#n += 1;
    const pan = 0.1 + (this.#n % 50) / 100;
    this.#say('stick.move', { n: this.#n, pan });
  };

  readonly rest = (): void => {
    this.#n += 1;
    this.#say('stick.stop', { n: this.#n });
  };

  close(): void {
    this.#peer.close();
  }

  #say(verb: string, args: object): void {
    const payload = JSON.stringify({ v: 1, lease: this.#lease, ...args });
    this.#peer.say(topic(verb), Buffer.from(payload));
  }
}

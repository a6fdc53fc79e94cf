// 50 ms, 20 kB/s, every tenth packet lost: an alarm gets through beside a backlog, and the link is not
// taken for dead because it is slow.

import { expect, it } from 'vitest';
import { FakeOutbox } from '#test/fakes/outbox.ts';
import { Mosquitto } from '#test/support/mosquitto.ts';
import { until } from '#test/support/wait.ts';
import { atEnd, observe, openUplink, topics } from './rig.ts';
import { idOf, row, rowsOf } from './rows.ts';
import { ThinLine, type ThinOptions } from './thin-line.ts';

const thin = { bytesPerS: 20_000, delayMs: 50, loss: 0, stallMs: 200, seed: 20_261_121 };

async function through(options: ThinOptions) {
  const broker = await Mosquitto.start();
  atEnd(() => broker.remove());
  const { wired, on } = await observe(broker.url);
  const line = new ThinLine(broker.port, options);
  atEnd(() => line.close());
  const outbox = new FakeOutbox(rowsOf('event', 1, 300));
  const { uplink, told } = await openUplink(await line.listen(), {}, outbox);
  await wired(topics.event, 20);
  const ackMs: number[] = [];
  for (let n = 0; n < 20; n++) {
    const alarm = row('alarm', 1_000 + n);
    const startedMs = performance.now();
    uplink.offer([alarm], true);
    const acked = () => told.ids('uplink.acked').includes(alarm.id);
    await until(acked, { withinMs: 10_000, what: `the PUBACK of ${alarm.id}` });
    ackMs.push(performance.now() - startedMs);
  }
  await wired(topics.event, 300, 20_000);
  return { line, told, on, ackMs: ackMs.sort((a, b) => a - b) };
}

it('a thin line: an alarm beside a backlog within half a second, and nothing twice', async () => {
  const { told, on, ackMs } = await through(thin);
  expect(ackMs[10], `${ackMs}`).toBeLessThan(500);
  expect(ackMs.at(-1), `${ackMs}`).toBeLessThan(1_500);
  expect(told.of('uplink.offline')).toEqual([]);
  expect(on(topics.alarm).map(idOf)).toHaveLength(20);
}, 60_000);

it('a thin line with loss: slower, and all of it arrives', async () => {
  const { line, told, on, ackMs } = await through({ ...thin, loss: 0.1 });
  expect(line.lost / line.packets).toBeGreaterThan(0.05);
  expect(ackMs[10], `${ackMs}`).toBeLessThan(1_000);
  expect(ackMs.at(-1), `${ackMs}`).toBeLessThan(3_000);
  expect(told.of('uplink.offline')).toEqual([]);
  expect(new Set(on(topics.alarm).map(idOf)).size).toBe(20);
  expect(new Set(on(topics.event).map(idOf)).size).toBe(300);
}, 60_000);

it('a piece of a file goes behind everything else, and an alarm does not wait for its PUBACK', async () => {
  const broker = await Mosquitto.start();
  atEnd(() => broker.remove());
  const { wired, on } = await observe(broker.url);
  const line = new ThinLine(broker.port, { ...thin, delayMs: 800, bytesPerS: 100_000 });
  atEnd(() => line.close());
  const { uplink, told } = await openUplink(
    await line.listen(),
    {},
    new FakeOutbox(rowsOf('event', 1, 30)),
  );
  await wired(topics.event, 1, 20_000);
  const topic = `${topics.replies('platform', 'p')}evidence.get`;
  const answerOf = (id: string) => ({ id, verb: 'evidence.get', ok: true });
  const data = 'A'.repeat(43_700);
  const answer = { ...answerOf('piece'), result: { data } };
  uplink.reply({ topic, correlation: null, answer, bulk: true });
  uplink.reply({ topic, correlation: null, answer: answerOf('word') });
  // The word is there before the events are; the piece leaves when all of them have their PUBACK.
  const [word] = await wired(topic, 1, 20_000);
  expect(idOf(word ?? '{}')).toBe('word');
  expect(on(topics.event).length).toBeLessThan(30);
  const acked = (id: string) => told.ids('uplink.acked').includes(id);
  await until(() => acked('event-30'), { withinMs: 20_000, what: 'all' });
  expect(on(topic)).toHaveLength(1);
  uplink.offer([row('alarm', 1_000)], true);
  await wired(topic, 2, 20_000);
  const pieceMs = performance.now();
  await wired(topics.alarm, 1, 20_000);
  // Right behind the piece: after its PUBACK would be a turn of the line later, 1,600 ms.
  expect(performance.now() - pieceMs).toBeLessThan(1_200);
}, 60_000);

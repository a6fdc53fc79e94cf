// Commands by the thousand while buttons are pressed, at a real mosquitto: an alarm is never late for
// them, and the disk does not feel them.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { expect, it } from 'vitest';
import { commandLimits } from '#agent/core/flood.ts';
import { Mosquitto } from '#test/support/mosquitto.ts';
import { until } from '#test/support/wait.ts';
import { atEnd, observe, topics } from './rig.ts';
import { Whole } from './whole.ts';

const rate = 2_000;
const presses = 60;
const everyMs = 50;
const soon = { withinMs: 8_000 };

async function flood(url: string): Promise<void> {
  const command = { v: 1, id: 'c1', bootId: 'another', issuedMs: 1, lifetimeMs: 30_000 };
  const topic = topics.command('110-city', 'mad', 'strobe-off');
  const file = `${import.meta.dirname}/flood-child.ts`;
  const args = [file, url, topic, JSON.stringify(command), String(rate)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  atEnd(async () => {
    child.kill('SIGKILL');
    await exit;
  });
  await once(child.stdout, 'data');
}

const quantile = (values: readonly number[], q: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor(q * (values.length - 1))] ?? Infinity;

it(`${rate} commands a second: every press is acknowledged within bounds`, async () => {
  const broker = await Mosquitto.start({ config: ['max_queued_messages 0'] });
  atEnd(() => broker.remove());
  // Somebody must be subscribed, else nobody has an alarm.
  await observe(broker.url);
  const whole = await Whole.open(broker.url);
  await whole.online();
  await flood(broker.url);
  const refusing = () => whole.commands > 2 * commandLimits['110-city'].role;
  await until(refusing, { ...soon, what: 'the end of patience' });
  const { commands } = whole;
  const loop = monitorEventLoopDelay({ resolution: 1 });
  loop.enable();
  const startedMs = performance.now();
  const before = whole.store.figures();
  for (let n = 0; n < presses; n++) {
    const dueMs = performance.now() + everyMs;
    whole.press();
    await until(() => performance.now() >= dueMs, { ...soon, what: 'the next press' });
  }
  loop.disable();
  const arrived = (whole.commands - commands) / ((performance.now() - startedMs) / 1000);
  await until(() => whole.presses.every(({ ackedMs }) => ackedMs), { ...soon, what: 'PUBACKs' });
  // What a button box would have waited for the loop, and what the loop then took.
  const figures = {
    loopMs: loop.percentile(99) / 1e6,
    p50: quantile(whole.ackMs, 0.5),
    p99: quantile(whole.ackMs, 0.99),
  };
  expect(arrived).toBeGreaterThan(rate / 2);
  expect(figures.loopMs, JSON.stringify(figures)).toBeLessThan(100);
  expect(figures.p50, JSON.stringify(figures)).toBeLessThan(50);
  expect(figures.p99, JSON.stringify(figures)).toBeLessThan(500);
  // A press and its PUBACK are two transactions; commands beyond the limit are none.
  const { transactions } = whole.store.figures();
  expect(transactions - before.transactions).toBeLessThan(presses * 3);
});

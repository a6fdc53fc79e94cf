// Serial ports on real pseudo terminals: a button box is understood, a driver's port is left to its driver,
// and all is given back.

import { readdirSync, readlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ButtonBox } from '#agent/buttons/box.ts';
import { SimBox } from '#agent/sim/box.ts';
import { openPtyPair, type PtyPair } from '#agent/sim/pty.ts';
import { systemClock } from '#agent/system/clock.ts';
import { baselineOf, findIn } from '#agent/teach/found.ts';
import { portNamed } from '#agent/teach/port-names.ts';
import { Teach } from '#agent/teach/teach.ts';
import { noUses, type UsedPort } from '#agent/teach/uses.ts';
import type { PortView, TeachView } from '#agent/teach/view.ts';
import { RecordingSink } from '#test/buttons/support.ts';
import { SimChip } from '#test/gpio/sim-chip.ts';
import { until } from '#test/support/wait.ts';

const withinMs = 15_000;
const clock = systemClock();
let dir: string;
let sim: SimBox;
let other: PtyPair;
let teach: Teach | null;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'gate-teach-'));
  sim = new SimBox({ dir, inputs: 2 });
  await sim.open();
  other = await openPtyPair(dir, 'other');
  teach = null;
});
afterEach(async () => {
  await teach?.close();
  await sim.close();
  await other.kill();
  await rm(dir, { recursive: true, force: true });
});

function look(ports: readonly UsedPort[] = []): () => Promise<TeachView> {
  const serialPorts = () => [sim.path, other.agentPath].map(portNamed);
  const kernel = new SimChip(clock, []);
  const made = new Teach({
    ...{ clock, driver: 'auto', uses: { ...noUses, ports }, kernel, serialPorts },
  });
  teach = made;
  return () => made.look({});
}

/** Looks until something is as it should be. */
const seen = (
  ask: () => Promise<TeachView>,
  what: string,
  is: (box: PortView, other: PortView, view: TeachView) => boolean,
): Promise<TeachView> =>
  until(
    async () => {
      const view = await ask();
      const [one, two] = [sim.path, other.agentPath].map((path) =>
        view.ports.find((port) => port.path === path),
      );
      return one && two && is(one, two, view) ? view : null;
    },
    { withinMs, what },
  );

const isOpen = (path: string): boolean =>
  readdirSync('/proc/self/fd').some((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === portNamed(path).device;
    } catch {
      return false;
    }
  });

test('a button box is understood, a press on it found; a silent port is tried at all speeds', async () => {
  const ask = look();
  const view = await seen(ask, 'the box', (box) => box.frames > 0);
  const first = baselineOf(view);
  expect(findIn(view, first)).toMatchObject([{ what: 'box', port: { path: sim.path } }]);
  await sim.tap(2);
  const pressed = await seen(
    ask,
    'the press',
    (_, __, now) => findIn(now, first)[0]?.what === 'contact',
  );
  expect(findIn(pressed, first)).toMatchObject([
    { what: 'contact', port: { path: sim.path }, contact: { on: 'box', name: '2' } },
  ]);
  const speeds = new Set<number | null>();
  await seen(ask, 'other speeds', (_, silent) => speeds.add(silent.baud).size > 3);
  expect([...speeds]).toEqual(expect.arrayContaining([115_200, 9600]));
  expect((await ask()).ports.find(({ path }) => path === sim.path)).toMatchObject({
    ...{ state: 'watched', baud: 115_200 },
  });
});

test('noise is no box; 3 s after the last look every port is given back, nothing was written', async () => {
  const ask = look();
  await seen(ask, 'both open', (one, two) => one.baud !== null && two.baud !== null);
  expect([isOpen(sim.path), isOpen(other.agentPath)]).toEqual([true, true]);
  await sim.raw('$S,1,ABCD,1,2,-,1:N:0*0000\r\nnoise\r\n');
  const view = await ask();
  expect(findIn(view, new Map()).filter(({ what }) => what === 'contact')).toEqual([]);
  await until(() => !isOpen(sim.path) && !isOpen(other.agentPath), { withinMs, what: 'the end' });
  expect(sim.lamp).toBe('dead');
});

test('a port of the configuration is told by its driver and never opened again', async () => {
  const inputs = { 1: 'desk', 2: 'knee' };
  const box = new ButtonBox({ id: 'box', path: sim.path, baud: 115_200, inputs, clock });
  const sink = new RecordingSink();
  await box.open(sink);
  try {
    const ask = look([box]);
    await seen(ask, 'both', (one, two) => one.contacts.length === 2 && two.state === 'watched');
    sim.press(1);
    await seen(ask, 'held', ({ contacts }) => contacts[0]?.signal.level === 1);
    sim.release(1);
    const view = await seen(ask, 'press', ({ contacts }) => contacts[0]?.signal.presses === 1);
    expect(view.ports.filter(({ path }) => path === sim.path)).toMatchObject([
      { state: 'configured', by: 'box', contacts: [{ on: 'input', name: 'desk' }, {}] },
    ]);
    expect(sink.of('fault.raised')).toEqual([]);
  } finally {
    await box.close();
  }
});

test('a port that another program holds is told with its reason', async () => {
  const box = new ButtonBox({ id: 'box', path: sim.path, baud: 115_200, inputs: {}, clock });
  await box.open(new RecordingSink());
  try {
    const view = await seen(look(), 'refusal', ({ state }) => state === 'refused');
    expect(view.ports[0]?.by).toContain('Another program holds the port');
  } finally {
    await box.close();
  }
});

test('only a serial port may be named: to open another device may do harm', () => {
  for (const path of ['/dev/null', '/dev/watchdog', '/nowhere', '/etc/passwd', '/dev/tty'])
    expect(() => portNamed(path)).toThrow('the path of a serial port');
});

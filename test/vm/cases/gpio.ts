// Buttons and lamp on GPIO lines of a real kernel, by name: through the character device, through sysfs,
// and on a chip without interrupts. Held at start, bounce, the lamp as it is seen from outside; and from
// the edge to the return of the commit, by the guest's clock.

import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { percentile, rounded } from '#test/bench/stats.ts';
import { type Edge, Line } from '../room/line.ts';
import type { GateRoom } from '../room/room.ts';

export interface Wiring {
  readonly driver: 'chardev' | 'sysfs';
  /** Whether the chip tells edges. */
  readonly interrupts: boolean;
}

const input = 'panic';
/** As guest/room-gpio lays them. */
const offsets = { panic: 0, lamp: 4 };
/** A press and its release, each longer than bounce may be. Sysfs has no queue: what comes and goes while
 * the emulated PC stands still is not seen there. */
const periodUs = { chardev: 75_000, sysfs: 150_000 } as const;
const marks = '/var/lib/gate-agent/marks';
const dropIn = '/run/systemd/system/gate-agent.service.d';
const mark = z.object({
  atMs: z.number(),
  kind: z.string().optional(),
  input: z.string().optional(),
  durable: z.boolean().optional(),
});

/** The suite of the drivers alone, on this kernel. */
export async function drivers(room: GateRoom): Promise<void> {
  const [node, vitest] = ['/opt/gate-agent/current/node', 'node_modules/vitest/vitest.mjs'];
  await room.mount('checkout', '/run/checkout');
  const run = 'run --config test/vitest.guest.config.ts --configLoader native';
  await room.machine.sh(`cd /run/checkout && ${node} ${vitest} ${run}`, 1_200_000);
}

/** From start to lamp. */
export async function gpio(room: GateRoom, wiring: Wiring): Promise<void> {
  const [contact, light] = linesOf(room, wiring);
  await room.machine.sh('systemctl stop gate-agent');
  await settings(room, rightsFor(wiring));
  await contact.pull('down');
  const held = count(room, 'held-at-start');
  await room.configure(configOf(room, wiring));
  const more = () => count(room, 'held-at-start') > held;
  await room.until('an alarm of the button that was held', more);
  await released(room, contact);

  const before = count(room);
  await contact.wave(9, 300);
  await room.until('the alarm', () => count(room) > before);
  await room.until('three flashes: received', async () => flashesOf(await light.watch(6)) === 3);
  await released(room, contact);
  assert.equal(count(room), before + 1, 'bounce is one press');
  await settings(room, []);
}

/** So many presses on an armed terminal. */
export async function edgeToRow(room: GateRoom, wiring: Wiring, presses: number) {
  const { machine, outside } = room;
  const [contact] = linesOf(room, wiring);
  await contact.pull('up');
  copyFileSync(
    join(import.meta.dirname, '../../bench/marks.cjs'),
    join(outside.share, 'marks.cjs'),
  );
  await machine.sh('install -m 644 /mnt/marks.cjs /etc/gate-agent/');
  const preload = `NODE_OPTIONS=--require=/etc/gate-agent/marks.cjs MARKS_FILE=${marks}`;
  await settings(room, [...rightsFor(wiring), `Environment=${preload}`]);
  await room.configure(configOf(room, wiring));
  await room.settled();
  const edges = await contact.wave(presses * 2, periodUs[wiring.driver]);
  // A slow PC is behind when the wave ends: until it takes up no more.
  const steps = `grep -c input.changed ${marks}`;
  await machine.sh(`n=; until m=$(${steps}); [ "$m" = "$n" ]; do n=$m; sleep 3; done`, 120_000);
  await room.settled();
  const said = await machine.sh(`grep -E 'input.changed|committed' ${marks}`);
  await machine.sh(`rm ${marks}`);
  await settings(room, []);
  await released(room, contact);
  return rowTimes(edges, said, periodUs[wiring.driver] / 1000);
}

/** Milliseconds from each press to core, and to the end of its commit. Every edge is a step, in order: a
 * stall makes one late, never another's. `late`: rows that the disk took only after the 200 ms that a
 * commit waits. */
function rowTimes(edges: readonly Edge[], said: string, periodMs: number) {
  const beganMs = edges[0]?.atMs ?? 0;
  const told = said
    .split('\n')
    .map((line) => mark.parse(JSON.parse(line)))
    .filter((one) => one.atMs >= beganMs);
  const steps = told.flatMap((one, n) => (one.input === input ? [n] : []));
  assert.equal(
    steps.length,
    edges.length,
    `edges that were stepped; ${pausesIn(told, steps, periodMs)}`,
  );
  const rows = steps.flatMap((step, n) => {
    const { atMs = 0, level } = edges[n] ?? {};
    // A release is no row.
    if (level !== 0) return [];
    const row = told.slice(step).find(({ durable }) => durable !== undefined);
    assert(row, 'every press has its commit');
    const stepMs = (told[step]?.atMs ?? 0) - atMs;
    return [{ stepMs, ms: row.atMs - atMs, durable: row.durable }];
  });
  const of = (ms: readonly number[]) => {
    const [p50 = 0, p99 = 0] = [50, 99].map((percent) => rounded(percentile(ms, percent)));
    return { p50, p99 };
  };
  return {
    step: of(rows.map(({ stepMs }) => stepMs)),
    row: of(rows.map(({ ms }) => ms)),
    late: rows.filter(({ durable }) => !durable).length,
  };
}

/** Where edges may be missing. */
function pausesIn(
  told: readonly { readonly atMs: number }[],
  steps: readonly number[],
  periodMs: number,
): string {
  const times = steps.map((step) => told[step]?.atMs ?? 0);
  const pauses = times.flatMap((atMs, n) => {
    const ms = Math.round((times[n + 1] ?? atMs) - atMs);
    return ms > 2 * periodMs ? [`${ms} ms after edge ${n + 1}`] : [];
  });
  return `pauses of ${pauses.slice(0, 20).join(', ')}`;
}

/** config/gpio.md: what sysfs needs and the unit does not give. */
const rightsFor = ({ driver }: Wiring): string[] =>
  driver === 'sysfs' ? ['ProtectKernelTunables=no', 'User=root', 'Group=root'] : [];

/** Of the unit, as a site adds them, from its next start on; none: as the package has it. */
async function settings({ machine }: GateRoom, lines: readonly string[]): Promise<void> {
  const text = ['[Service]', ...lines, ''].join('\\n');
  await machine.sh(`mkdir -p ${dropIn} && printf '${text}' >${dropIn}/site.conf`);
  await machine.sh('systemctl daemon-reload');
}

function linesOf({ machine }: GateRoom, { interrupts }: Wiring): [contact: Line, light: Line] {
  const chip = interrupts ? '' : 'n';
  const { panic, lamp } = offsets;
  return [new Line(machine, `${chip}${panic}`), new Line(machine, `${chip}${lamp}`)];
}

function configOf({ outside }: GateRoom, { driver, interrupts }: Wiring): string {
  const at = (line: 'panic' | 'lamp') => {
    // Sysfs knows no names of lines.
    if (driver === 'sysfs') return { chip: 'gate-sim', offset: offsets[line] };
    return { line: interrupts ? line : `noirq-${line}` };
  };
  // The simulator takes a bias for a finger on the button.
  const contact = { ...at('panic'), bias: 'as-is', closed: 'low' };
  const button = { id: input, name: '紧急按钮', kind: 'emergency', ...contact };
  const outputs = { lamp: { white: at('lamp') } };
  return outside.config({ gpio: { driver, inputs: [button], outputs } });
}

const count = ({ outside }: GateRoom, edge?: string): number =>
  outside.raised.filter((one) => one.input === input && (!edge || one.edge === edge)).length;

async function released(room: GateRoom, contact: Line): Promise<void> {
  await contact.pull('up');
  await room.settled();
  await room.outside.resolveAll();
}

/** Flashes between two long pauses; the glints of a fault are shorter. */
function flashesOf(edges: readonly Edge[]): number {
  const spans = edges.map(({ atMs, level }, n) => ({
    level,
    ms: (edges[n + 1]?.atMs ?? atMs) - atMs,
  }));
  const pauses = spans.flatMap(({ level, ms }, n) => (level === 0 && ms >= 1000 ? [n] : []));
  const [from = 0, to = 0] = pauses;
  return spans.slice(from, to).filter(({ level, ms }) => level === 1 && ms >= 180).length;
}

// One press on a quiet terminal and everything it leads to: each is a fresh incident, and the one
// before was received and resolved. Row: the commit has returned. PUBACK: the loop begins to step
// the fact `uplink.acked`, which is later than the packet by MQTT.js's parsing. Strobe: the dome has
// read the whole request.

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '#test/support/wait.ts';
import type { Mark } from './daemon.ts';
import type { Heard } from './platform.ts';
import type { Rig, RigSetup, Strobe } from './rig.ts';

const withinMs = 10_000;
const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

/** Between two presses, whoever's. */
export const rest = () => pause(20 + 40 * Math.random());

/** Milliseconds since the bytes were written to the pty. */
export interface Times {
  readonly step: number;
  readonly row: number;
  readonly puback: number;
  /** NaN where nobody waited for it. */
  readonly strobe: number;
}

export const of = (all: readonly Times[], name: keyof Times): number[] =>
  all.map((one) => one[name]);

/** What has been heard since the last press, from whoever tells it. */
export class Ear {
  marks: Mark[] = [];
  strobes: Strobe[] = [];
  alarms: Heard[] = [];
  payload = '';

  /** For `openRig`. */
  get setup() {
    return {
      marks: (mark) => this.marks.push(mark),
      strobe: (request) => this.strobes.push(request),
      alarm: (message, payload) => {
        this.alarms.push(message);
        if (message.kind === 'alarm.raised') this.payload = payload.toString('latin1');
      },
    } satisfies RigSetup;
  }

  clear(): void {
    this.marks = [];
    this.strobes = [];
    this.alarms = [];
  }

  stepped(kind: string, afterMs = 0): (Mark & { at: 'stepped' }) | undefined {
    return this.marks.find(
      (mark) => mark.at === 'stepped' && mark.kind === kind && mark.monoMs >= afterMs,
    ) as (Mark & { at: 'stepped' }) | undefined;
  }

  committed(id: string): Mark | undefined {
    return this.marks.find((mark) => mark.at === 'committed' && mark.ids.includes(id));
  }

  strobe(on: boolean, port: number | null): Strobe | undefined {
    return this.strobes.find((one) => one.on === on && (port === null || one.port === port));
  }
}

/** As the platform; the incident ends by it. */
export function resolve({ platform }: Rig, incident: string): void {
  platform.command('resolve', {
    ...{ v: 1, id: randomUUID(), bootId, issuedMs: Date.now(), lifetimeMs: 30_000 },
    ...{ incident, reason: 'bench' },
  });
}

export interface PressOptions {
  /** Waits for the light, and for the dark afterwards; a dome that misbehaves gives neither. */
  readonly lit?: boolean;
  /** Called when the receipt has come, before the incident is resolved. */
  readonly received?: () => void;
}

export async function press(
  rig: Rig,
  ear: Ear,
  button: number,
  { lit = true, received: told }: PressOptions = {},
): Promise<Times> {
  ear.clear();
  const began = rig.box.press(button);
  const heard = <T>(what: string, look: () => T) => until(look, { withinMs, what });
  const raised = await heard('the alarm', () => ear.alarms.find((m) => m.kind === 'alarm.raised'));
  const row = await heard('the row', () => ear.committed(raised.id));
  const edge = await heard('the edge', () => ear.stepped('input.changed'));
  const acked = await heard('the PUBACK', () => ear.stepped('uplink.acked', row.atMs));
  const strobe = lit && (await heard('the strobe', () => ear.strobe(true, null)));
  const received = await heard('the receipt', () => ear.stepped('uplink.received', row.atMs));
  told?.();
  resolve(rig, raised.id);
  await heard('the end', () => ear.alarms.find((m) => m.kind === 'incident.resolved'));
  await heard('its receipt', () => ear.stepped('uplink.received', received.atMs));
  if (lit) await heard('the dark', () => ear.strobe(false, null));
  rig.box.release(button);
  const since = (ms: number) => ms - began;
  return {
    step: since(edge.monoMs),
    row: since(row.atMs),
    puback: since(acked.monoMs),
    strobe: strobe ? since(strobe.atMs) : Number.NaN,
  };
}

/** Started, connected, its dome found, pressed once. */
export async function readied(rig: Rig, ear: Ear): Promise<void> {
  await rig.daemon.start();
  await rig.daemon.settled(30_000);
  // The dome has been found: its first requests are answered.
  await pause(1000);
  await press(rig, ear, 1);
}

/** Presses of several sides by turns; the first twenty warm up and are left out. */
export async function inTurns<Side extends string, Seen>(
  sides: { readonly [side in Side]: (n: number) => Promise<Seen> },
  presses: number,
): Promise<{ readonly [side in Side]: Seen[] }> {
  const warmUp = 20;
  const names = Object.keys(sides) as Side[];
  const seen = Object.fromEntries(names.map((name) => [name, [] as Seen[]])) as {
    [side in Side]: Seen[];
  };
  for (let n = 0; n < presses + warmUp; n++) {
    for (const name of names) {
      await rest();
      const one = await sides[name](n);
      if (n >= warmUp) seen[name].push(one);
    }
    if (n > warmUp && (n - warmUp) % 100 === 0)
      console.error(`bench: ${n - warmUp} of ${presses} presses`);
  }
  return seen;
}

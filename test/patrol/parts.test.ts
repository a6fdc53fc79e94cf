// Each look of the patrol at a terminal in order, and at one where just that is wrong; and the driver that
// takes them one after the other.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fact } from '#agent/core/fact.ts';
import type { State } from '#agent/core/state.ts';
import type { PatrolConfig, PatrolWorld } from '#agent/patrol/look.ts';
import { type PartName, partNames } from '#agent/patrol/names.ts';
import { lookAt } from '#agent/patrol/parts.ts';
import { PatrolDriver } from '#agent/patrol/patrol.ts';
import { systemClock } from '#agent/system/clock.ts';
import { Story } from '#test/core/story.ts';
import { chainOf, newKey } from '#test/evidence/support.ts';
import { VirtualClock } from '#test/fakes/clock.ts';
import { makeCerts } from '#test/support/certs.ts';
import { until } from '#test/support/wait.ts';

let dir: string;
let cert: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'gate-patrol-'));
  ({ cert } = await (await makeCerts(dir)).client('gate-1'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const key = newKey();
const grey = new Uint8Array(32 * 18 * 3).fill(120);

function configOf(change: Partial<PatrolConfig> = {}): PatrolConfig {
  return {
    ...{ data: { dir }, broker: { tls: null }, boxes: [{ id: 'desk', indicator: {} }] },
    ...{ modems: [], modbus: [], gpio: null, dome: { inputs: [] }, media: { sound: {} } },
    ...change,
  };
}

interface Change extends Partial<Omit<PatrolWorld, 'store'>> {
  readonly store?: Partial<PatrolWorld['store']>;
  readonly fault?: string;
  readonly live?: Partial<State['live']>;
}

/** A terminal in order, but for what is changed. */
function worldOf({ store, fault, live, ...change }: Change = {}): PatrolWorld {
  const story = new Story();
  story.press('desk');
  const rows = chainOf(story.recorded);
  if (fault) story.happens({ kind: 'fault.raised', fault, detail: 'It is so.' });
  const streams = { main: null, sub: null, snapshot: 'http://dome/jpeg' };
  const state = { ...story.state, live: { ...story.state.live, streams, ...live } };
  const head = { outboxRows: 0, transactions: 1, behind: 0 };
  return {
    ...{ terminal: 't1', config: configOf(), clock: systemClock(), state: () => state },
    store: {
      commit: () => ({ durable: true, reason: null, rows: [] }),
      figures: () => ({ ...head, chainSeq: rows.length, chainHash: rows.at(-1)?.hash ?? '' }),
      records: async () => ({ rows: rows.toReversed(), checkpoints: [] }),
      sign: key.sign,
      evidence: key,
      ...store,
    },
    line: { roundTrip: async () => 12 },
    eyes: { look: async () => [grey] },
    ...change,
  };
}

const black = { look: async () => [new Uint8Array(32 * 18 * 3).fill(4)] };
const blind = { look: async () => [] };
const tls = (pem: string) => configOf({ broker: { tls: { cert: pem } } });
const later = (days: number) => ({
  ...systemClock(),
  now: () => ({ ...systemClock().now(), wallMs: Date.now() + days * 86_400_000 }),
});

const sick: readonly (readonly [PartName, string, () => Change, RegExp])[] = [
  ['buttons', 'not heard', () => ({ live: { inputs: {} } }), /has not been heard/],
  ['buttons', 'a short', () => ({ fault: 'input.desk.short' }), /It is so/],
  ['lamp', 'no answer', () => ({ fault: 'box.desk.lamp' }), /It is so/],
  ['dome', 'lost', () => ({ fault: 'dome.lost' }), /It is so/],
  ['dome', 'black', () => ({ eyes: black }), /black/],
  ['dome', 'no picture', () => ({ eyes: blind }), /gives no picture/],
  ['dome', 'no ffmpeg', () => ({ eyes: { ...blind, isBlind: () => true } }), /apt install ffmpeg/],
  ['picture', 'no stream', () => ({ fault: 'live.feed' }), /It is so/],
  ['sound', 'no card', () => ({ fault: 'sound.speaker' }), /It is so/],
  ['broker', 'no word', () => ({ line: { roundTrip: async () => null } }), /did not acknowledge/],
  ['certificate', 'ends', () => ({ config: tls(cert), clock: later(398.5) }), /ends in 1 days/],
  ['certificate', 'over', () => ({ config: tls(cert), clock: later(409) }), /has expired/],
  [
    ...(['store', 'no row'] as const),
    () => ({ store: { commit: () => ({ durable: false, reason: 'EIO', rows: [] }) } }),
    /did not take a row \(EIO\)/,
  ],
  ['space', 'no disk', () => ({ config: configOf({ data: { dir: '/nonexistent' } }) }), /ENOENT/],
  ['clock', 'behind', () => ({ fault: 'clock.behind' }), /It is so/],
  ['clock', 'unset', () => ({ clock: unset() }), /nobody sets it/],
  ['key', 'another', () => ({ store: { sign: newKey().sign } }), /cannot be checked/],
  ['chain', 'a changed record', () => ({ store: { records: changed } }), /was changed/],
];

function unset() {
  const clock = new VirtualClock();
  clock.quality = 'unknown';
  return clock;
}

const changed: PatrolWorld['store']['records'] = async (...asked) => {
  const { rows, checkpoints } = await worldOf().store.records(...asked);
  const bad = rows.map((row, n) => (n === 1 ? { ...row, body: `${row.body} ` } : row));
  return { rows: bad, checkpoints };
};

describe('a look', () => {
  it.each(partNames)('finds %s in order', async (part) => {
    expect(await lookAt(part, worldOf())).toMatchObject({ ok: true });
  });

  it.each(sick)('%s: %s', async (part, _, change, detail) => {
    const world = worldOf(change());
    const look = await lookAt(part, world);
    expect(look).toMatchObject({ ok: false, detail: expect.stringMatching(detail) });
    const { fault } = change();
    expect(look.told).toBe(fault);
  });

  it('at a disk that is slow', async () => {
    const clock = new VirtualClock();
    const commit = () => {
      clock.monoMs += 80;
      return { durable: true, reason: null, rows: [] };
    };
    const looking = lookAt('store', worldOf({ clock, store: { commit } }));
    await clock.pass(1_000);
    expect(await looking).toMatchObject({ ok: false, ms: 80 });
  });
});

describe('the driver', () => {
  const rig = async (world: PatrolWorld) => {
    const facts: Fact[] = [];
    const driver = new PatrolDriver(world);
    await driver.open({ emit: (fact) => void facts.push(fact) });
    return { driver, facts };
  };

  it('takes all of them, in order, once for each', async () => {
    const { driver, facts } = await rig(worldOf({ fault: 'dome.lost' }));
    driver.want('p-1');
    driver.want('p-1');
    await until(() => facts.length > 0, { withinMs: 20_000, what: 'its end' });
    const [end] = facts;
    expect(end).toMatchObject({ kind: 'patrol.ended', id: 'p-1' });
    const parts = end?.kind === 'patrol.ended' ? end.parts : [];
    expect(parts.map(({ part }) => part)).toEqual(partNames);
    expect(parts.filter(({ ok }) => !ok)).toMatchObject([{ part: 'dome', told: 'dome.lost' }]);
    driver.want(null);
    expect(facts).toHaveLength(1);
  });

  it('gives up what is not wanted any more, and what does not answer', async () => {
    const clock = new VirtualClock();
    const never = { look: () => new Promise<never>(() => undefined) };
    const { driver, facts } = await rig(worldOf({ clock, eyes: never }));
    driver.want('p-1');
    await clock.pass(1_000);
    driver.want(null);
    await clock.pass(60_000);
    expect(facts).toEqual([]);
    driver.want('p-2');
    const over = async () => {
      await clock.pass(1_000);
      return facts.length > 0;
    };
    await until(over, { withinMs: 20_000, what: 'its end' });
    const parts = facts[0]?.kind === 'patrol.ended' ? facts[0].parts : [];
    expect(parts.find(({ part }) => part === 'dome')?.detail).toMatch(/no answer in 9 s/);
  });
});

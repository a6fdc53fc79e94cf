// A child place that does everything wrong, in real processes: each time it is found out, told as one
// fault, and replaced within 2 s; and its end is bounded.

import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Fact, FactOf } from '#agent/core/fact.ts';
import { systemClock } from '#agent/system/clock.ts';
import { type PlaceOptions, pauseMs, Supervisor } from '#agent/system/supervisor.ts';
import { until } from '#test/support/wait.ts';
import { type Heard, hears, type Told, tells } from './dummy-messages.ts';

const dummy = [process.execPath, join(import.meta.dirname, 'dummy-place.ts')] as const;
const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

class Rig {
  readonly facts: Fact[] = [];
  readonly heard: string[] = [];
  readonly said: string[] = [];
  ups = 0;
  readonly supervisor: Supervisor<Heard, Told>;

  constructor(more: Partial<PlaceOptions<Heard, Told>> = {}) {
    this.supervisor = new Supervisor({
      place: 'dummy',
      command: dummy,
      env: { PATH: process.env.PATH ?? '' },
      hears,
      tells,
      clock: systemClock(),
      chance: () => 0.5,
      heard: ({ text }) => void this.heard.push(text),
      up: () => void this.ups++,
      said: (line) => void this.said.push(line),
      ...more,
      limits: { silentMs: 400, checkMs: 100, rssMbMax: 200, ...more.limits },
    });
    cleanUps.push(() => this.supervisor.close());
  }

  /** Up, and its echo heard. */
  async open(): Promise<this> {
    this.supervisor.open({ emit: (fact) => void this.facts.push(fact) });
    await this.works(1);
    return this;
  }

  /** Its life number `life` answers; the wait since then is at most `withinMs`. */
  async works(life: number, withinMs = 5_000): Promise<void> {
    await until(() => this.ups >= life, { withinMs, what: `life ${life}` });
    const text = `life ${life}`;
    this.supervisor.send({ do: 'echo', text });
    await until(() => this.heard.includes(text), { withinMs: 2_000, what: `the echo of ${text}` });
  }

  get downs(): FactOf<'fault.raised'>[] {
    return this.facts.filter((fact) => fact.kind === 'fault.raised');
  }

  async down(): Promise<string> {
    await until(() => this.downs[0], { withinMs: 5_000, what: 'the fault' });
    return this.downs[0]?.detail ?? '';
  }
}

/** One that has ended and waits for somebody to ask how does not run. */
const runs = (pid: number): boolean =>
  existsSync(`/proc/${pid}`) && !/^State:\s+[ZX]/m.test(readStatus(pid));

function readStatus(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return 'State:\tX';
  }
}

describe('a place that works', () => {
  test('says and hears; what the daemon has in its environment it has not', async () => {
    const rig = await new Rig({ env: { PATH: process.env.PATH ?? '', LANG: 'C' } }).open();
    rig.supervisor.send({ do: 'env' });
    await until(() => rig.heard.includes('LANG PATH'), {
      withinMs: 2_000,
      what: 'its environment',
    });
    expect(rig.facts).toEqual([]);
  });

  test('goes before the daemon when memory is short', async () => {
    const rig = await new Rig().open();
    expect(readFileSync(`/proc/${rig.supervisor.pid}/oom_score_adj`, 'utf8')).toBe('500\n');
  });

  test('is told nothing it does not know: that is our own bug', async () => {
    const rig = await new Rig().open();
    const wrong: unknown = { do: 'dance' };
    expect(() => rig.supervisor.send(wrong as Told)).toThrow('do');
    expect(() => rig.supervisor.send({ do: 'echo', text: 'x'.repeat(2_100_000) })).toThrow(
      'too long',
    );
    await rig.works(1);
  });

  test('is not started while somebody presses, nor kept waiting for more than a second', async () => {
    const clock = systemClock();
    const rig = await new Rig({ clock }).open();
    const { pid } = rig.supervisor;
    if (pid) process.kill(pid, 'SIGKILL');
    await rig.down();
    const downMs = clock.now().monoMs;
    await until(
      () => {
        rig.supervisor.giveWay();
        return rig.supervisor.pid;
      },
      { withinMs: 5_000, what: 'the next life' },
    );
    const waitedMs = clock.now().monoMs - downMs;
    expect(waitedMs).toBeGreaterThan(1_200);
    expect(waitedMs).toBeLessThan(4_000);
  });

  test('ends at SIGTERM, and tells no fault of it', async () => {
    const rig = await new Rig().open();
    const pid = rig.supervisor.pid ?? 0;
    const fromMs = performance.now();
    await rig.supervisor.close();
    expect(performance.now() - fromMs).toBeLessThan(1_000);
    expect(runs(pid)).toBe(false);
    expect(rig.facts).toEqual([]);
    expect(rig.supervisor.send({ do: 'echo', text: 'late' })).toBe(false);
  });
});

describe('a place that fails is found out, told, and replaced within 2 s', () => {
  const cases: readonly { readonly when: Told; readonly why: string }[] = [
    { when: { do: 'exit' }, why: 'dummy has exited with 3; its last words: no sound card' },
    { when: { do: 'abort' }, why: 'dummy was ended by SIGABRT' },
    { when: { do: 'hang' }, why: 'dummy hangs: it has said nothing for 400 ms' },
    { when: { do: 'grow' }, why: 'dummy grows: ' },
    { when: { do: 'garbage' }, why: 'dummy talks nonsense: not JSON' },
    { when: { do: 'long' }, why: 'dummy says more than 128 kB in one line' },
    { when: { do: 'flood' }, why: 'dummy talks without a pause' },
    { when: { do: 'wrong' }, why: 'dummy talks nonsense: text: ' },
  ];
  test.each(cases)('$when.do', async ({ when, why }) => {
    const rig = await new Rig().open();
    const pid = rig.supervisor.pid ?? 0;
    rig.supervisor.send(when);
    expect(await rig.down()).toContain(why);
    const foundMs = performance.now();
    await rig.works(2, 2_000);
    expect(performance.now() - foundMs).toBeLessThan(2_000);
    expect(runs(pid)).toBe(false);
    expect(rig.downs).toHaveLength(1);
    expect(rig.downs[0]?.fault).toBe('dummy.down');
  });

  test('one that does not read what it is told', async () => {
    const rig = await new Rig({ limits: { silentMs: 60_000 } }).open();
    rig.supervisor.send({ do: 'hang' });
    const text = 'x'.repeat(60_000);
    while (rig.supervisor.send({ do: 'echo', text }));
    expect(await rig.down()).toContain('does not read');
    await rig.works(2, 2_000);
  });

  test('what it had started goes with it', async () => {
    const rig = await new Rig().open();
    rig.supervisor.send({ do: 'offspring' });
    const pid = await until(() => Number(rig.heard[1]), { withinMs: 2_000, what: 'its offspring' });
    expect(runs(pid)).toBe(true);
    rig.supervisor.send({ do: 'exit' });
    await until(() => !runs(pid), { withinMs: 2_000, what: 'the end of the offspring' });
  });

  test('the fault is cleared when the replacement has been well for a while', async () => {
    const rig = await new Rig({ limits: { wellMs: 300 } }).open();
    rig.supervisor.send({ do: 'exit' });
    await rig.works(2);
    await until(() => rig.facts.at(-1)?.kind === 'fault.cleared', {
      withinMs: 2_000,
      what: 'the end of the fault',
    });
    expect(rig.facts.at(-1)).toEqual({ kind: 'fault.cleared', fault: 'dummy.down' });
  });
});

describe('a place that does not start', () => {
  test.each([
    ['that exits at once', ['false'], 'has exited with 1'],
    ['that is not there', ['/nowhere/place'], 'cannot be started (spawn /nowhere/place ENOENT)'],
    ['that never says hello', [...dummy, 'mute'], 'has not said hello in 500 ms'],
    ['that says something else first', ['sh', '-c', 'echo nonsense >&3; exec sleep 9'], 'nonsense'],
  ] as const)('one %s is tried again, with growing pauses', async (_, [file, ...args], why) => {
    const rig = new Rig({ command: [file, ...args], limits: { helloMs: 500 } });
    rig.supervisor.open({ emit: (fact) => void rig.facts.push(fact) });
    await until(() => rig.downs.length >= 2, { withinMs: 5_000, what: 'the second try' });
    expect(rig.downs[0]?.detail).toContain(why);
    expect(rig.ups).toBe(0);
    await rig.supervisor.close();
    expect(rig.supervisor.isUp).toBe(false);
  });

  test('pauses: 250 ms, doubled, 30 s at most, a quarter more or less', () => {
    expect([0, 1, 2, 3, 4].map((n) => pauseMs(n, 0.5))).toEqual([250, 500, 1000, 2000, 4000]);
    expect([pauseMs(0, 0), pauseMs(0, 1)]).toEqual([187.5, 312.5]);
    expect([7, 8, 1000].map((n) => pauseMs(n, 1))).toEqual([30_000, 30_000, 30_000]);
  });
});

describe('the end', () => {
  test('of one that ignores SIGTERM comes 2 s later', async () => {
    const rig = await new Rig().open();
    rig.supervisor.send({ do: 'deaf' });
    await until(() => rig.heard.includes('deaf'), { withinMs: 2_000, what: 'deafness' });
    const pid = rig.supervisor.pid ?? 0;
    const fromMs = performance.now();
    await rig.supervisor.close();
    const tookMs = performance.now() - fromMs;
    expect(tookMs).toBeGreaterThanOrEqual(1_990);
    expect(tookMs).toBeLessThan(3_000);
    expect(runs(pid)).toBe(false);
    expect(rig.said).toContain('not now');
  });

  test('of one that is stopped, too', async () => {
    const rig = await new Rig({ limits: { silentMs: 60_000, stopMs: 200 } }).open();
    const pid = rig.supervisor.pid ?? 0;
    process.kill(pid, 'SIGSTOP');
    await rig.supervisor.close();
    expect(runs(pid)).toBe(false);
  });

  test('between two lives is at once', async () => {
    const rig = new Rig({ command: ['false'], chance: () => 0.9 });
    rig.supervisor.open({ emit: (fact) => void rig.facts.push(fact) });
    await until(() => rig.downs.length >= 1, { withinMs: 5_000, what: 'the first failure' });
    await rig.supervisor.close();
    expect(rig.supervisor.pid).toBe(null);
  });

  test('of the daemon by SIGKILL is the end of the place', async () => {
    const file = join(import.meta.dirname, 'orphan.child.ts');
    const daemon = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    daemon.stdout.on('data', (chunk) => {
      out += chunk;
    });
    const pid = await until(() => Number(out), { withinMs: 5_000, what: 'the pid of the place' });
    daemon.kill('SIGKILL');
    await until(() => !runs(pid), { withinMs: 2_000, what: 'the end of the place' });
  });
});

test('a daemon that was held up itself does not take that for a silence of the place', async () => {
  const rig = await new Rig().open();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_500);
  await rig.works(1);
  await until(() => rig.heard.length >= 2, { withinMs: 2_000, what: 'another echo' });
  expect(rig.facts).toEqual([]);
});

// What can happen to a loudspeaker, a microphone and the programs that have them: one clear sentence
// within two seconds, the other half goes on, and all is well again by itself.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { DuckedSound } from '#agent/media/sound/ducked.ts';
import { holderOf } from '#agent/media/sound/holder.ts';
import { type GateRoomOptions, GateRoomSound } from '#agent/media/sound/sound.ts';
import type { Sound } from '#agent/ports.ts';
import { systemClock } from '#agent/system/clock.ts';
import { until } from '#test/support/wait.ts';
import { devicesOf, playFrames, type Room, startRoom } from './room.ts';
import { framesOf, powerOf, secondsOf, tone } from './signal.ts';

const withinMs = 2_000;
const deafMs = 1_000;
const backMs = 15_000;
const clock = systemClock();
const devices = ['speaker', 'microphone'] as const;
type Device = (typeof devices)[number];

const words = { speaker: 'loudspeaker "speaker"', microphone: 'microphone "room_mic"' } as const;

let room: Room;
beforeAll(async () => {
  room = await startRoom();
}, 30_000);
afterAll(() => room.close());

/** A sound that is open, and what it told. */
class Bench {
  readonly faults = new Map<string, { readonly detail: string; readonly atMs: number }>();
  readonly told: string[] = [];
  frames = 0;
  power = 0;
  readonly sound: Sound;

  constructor(make: (options: GateRoomOptions) => Sound, options: Partial<GateRoomOptions> = {}) {
    const holder = (device: Device) => {
      const path = room.lockPath(device).replaceAll('.', '\\.');
      return holderOf(device, new RegExp(`^${path}$`));
    };
    this.sound = make({ ...devicesOf(room), clock, deafMs, holder, ...options });
  }

  open(): void {
    this.sound.open({
      captured: (frame) => {
        this.frames++;
        this.power = powerOf(frame);
      },
      trouble: (fault, detail) => {
        this.told.push(`${fault}: ${detail}`);
        if (detail === null) this.faults.delete(fault);
        else this.faults.set(fault, { detail, atMs: performance.now() });
      },
    });
  }

  async running(): Promise<void> {
    const { frames } = this;
    await until(() => this.frames > frames + 40, { withinMs: backMs, what: 'the microphone' });
    await this.plays();
  }

  /** What is played comes out of the loudspeaker. */
  async plays(): Promise<void> {
    const end = playFrames(framesOf(tone(440, 15)), { sound: this.sound, clock });
    const isHeard = async () => secondsOf(440, await air(400)) > 0.1;
    try {
      await until(isHeard, { withinMs: backMs, what: 'the loudspeaker' });
    } finally {
      end();
    }
  }

  /** What is told of `fault` once `harm` is done, and that it comes in time. */
  async toldOf(
    fault: string,
    harm: () => void | Promise<void>,
    limitMs = withinMs,
  ): Promise<string> {
    const beganMs = performance.now();
    await harm();
    const found = await until(() => this.faults.get(fault), { withinMs: 3 * limitMs, what: fault });
    expect(found.atMs - beganMs).toBeLessThan(limitMs);
    return found.detail;
  }

  async well(): Promise<void> {
    await until(() => this.faults.size === 0, { withinMs: backMs, what: 'all faults to clear' });
  }
}

/** So much of what comes out of the loudspeaker now. */
async function air(ms: number): Promise<Int16Array> {
  const stop = await room.record();
  const endMs = performance.now() + ms;
  await until(() => performance.now() >= endMs, { withinMs: backMs, what: 'time to pass' });
  return (await stop()).air.samples;
}

const makes = {
  'echo cancelled': (options: GateRoomOptions) => new GateRoomSound(options),
  'half-duplex': (options: GateRoomOptions) => new DuckedSound(options),
};

describe.each(Object.entries(makes))('%s', (_, make) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = new Bench(make);
    bench.open();
    await bench.running();
  }, 30_000);
  afterEach(async () => {
    for (const device of devices) {
      room.gone(device, false);
      room.stalled(device, false);
      await room.mute(device, false);
    }
    await bench.well();
  }, 30_000);
  afterAll(() => bench.sound.close());

  const other = { speaker: 'microphone', microphone: 'speaker' } as const;
  const goesOn = async (device: Device) => {
    const { frames } = bench;
    if (device === 'speaker') return bench.plays();
    await until(() => bench.frames > frames + 40, { withinMs: backMs, what: 'the microphone' });
  };

  test.each(devices)(
    '%s unplugged: told, the other half goes on, back when plugged in',
    async (device) => {
      const detail = await bench.toldOf(`sound.${device}`, () => room.gone(device, true));
      expect(detail).toBe(
        `the ${words[device]} is not there: it is unplugged, or has another name`,
      );
      await goesOn(other[device]);
      room.gone(device, false);
      await bench.well();
      await bench.running();
    },
  );

  test.each(devices)(
    '%s stalled: told, the other half goes on, back when it moves',
    async (device) => {
      const detail = await bench.toldOf(`sound.${device}`, () => room.stalled(device, true));
      expect(detail).toContain(`the ${words[device]}`);
      expect(detail).toContain('its driver has stalled');
      await goesOn(other[device]);
      expect(bench.faults.has(`sound.${device}`)).toBe(true);
      room.stalled(device, false);
      await bench.well();
      await bench.running();
    },
  );

  test('a muted microphone is seen, and its return', async () => {
    const mute = () => room.mute('microphone', true);
    const detail = await bench.toldOf('sound.microphone', mute, deafMs + withinMs);
    expect(detail).toBe(`the ${words.microphone} hears nothing at all: it is muted or dead`);
    await room.mute('microphone', false);
    await bench.well();
  });

  test('each fault was told once, and so was its end', () => {
    const twice = bench.told.filter((one, n) => one === bench.told[n - 1]);
    expect(twice).toEqual([]);
    expect(bench.told.filter((one) => one.endsWith('null')).length).toBe(bench.told.length / 2);
  });
});

describe.each(Object.entries(makes))('%s, a device in use', (_, make) => {
  test.each([
    ['speaker', 'aplay'],
    ['microphone', 'arecord'],
  ] as const)(
    '%s: its holder is named; ours once it has gone',
    async (device, program) => {
      const holder = hold(program, room[device]);
      const bench = new Bench(make);
      try {
        await until(() => holderIsUp(holder, device), {
          withinMs: backMs,
          what: `${program} to hold it`,
        });
        const detail = await bench.toldOf(`sound.${device}`, () => bench.open());
        expect(detail).toBe(`the ${words[device]} is in use by ${program} (process ${holder.pid})`);
        await end(holder);
        await bench.well();
        await bench.running();
      } finally {
        await end(holder);
        await bench.sound.close();
      }
    },
    30_000,
  );
});

describe('the canceller', () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'gate-sound-'));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  test('frozen, it is replaced, and told', async () => {
    const bench = new Bench(makes['echo cancelled']);
    bench.open();
    try {
      await bench.running();
      const pid = cancellerPid();
      const detail = await bench.toldOf('sound.canceller', () => void process.kill(pid, 'SIGSTOP'));
      expect(detail).toBe('the echo canceller hung and is started again');
      await bench.running();
      await bench.well();
      expect(cancellerPid()).not.toBe(pid);
    } finally {
      await bench.sound.close();
    }
    expect(() => cancellerPid()).toThrow();
  }, 30_000);

  test.each([
    ['not there', () => join(dir, 'absent'), 'ENOENT'],
    ['without its library', () => script(dir, 'loader', 'exit 127'), 'a library of it is missing'],
    ['broken', () => script(dir, 'broken', 'kill -SEGV $$'), 'it ends with SIGSEGV'],
  ])(
    '%s: the sound is half-duplex, and that is told',
    async (_, program, why) => {
      const bench = new Bench(makes['echo cancelled'], { program: program() });
      try {
        bench.open();
        const told = () =>
          bench.faults.get('sound.canceller')?.detail.includes('microphone is off');
        await until(told, { withinMs: backMs, what: 'it to be given up' });
        expect(bench.faults.get('sound.canceller')?.detail).toContain(why);
        await bench.running();
      } finally {
        await bench.sound.close();
      }
    },
    30_000,
  );
});

function script(dir: string, name: string, body: string): string {
  const file = join(dir, name);
  writeFileSync(file, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  return file;
}

function hold(program: 'aplay' | 'arecord', device: string): ChildProcess {
  const form = ['-q', '-t', 'raw', '-f', 'S16_LE', '-r', '48000', '-D', device];
  const file = program === 'aplay' ? '/dev/zero' : '/dev/null';
  return spawn(program, [...form, file], { env: { ...process.env, ...room.env }, stdio: 'ignore' });
}

const holderIsUp = (holder: ChildProcess, device: Device): boolean => {
  const locks = new RegExp(`^${room.lockPath(device).replaceAll('.', '\\.')}$`);
  return holderOf(device, locks)?.includes(`${holder.pid}`) ?? false;
};

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

/** Of the one that this process has started. */
function cancellerPid(): number {
  for (const task of readdirSync('/proc/self/task')) {
    const children = readFileSync(`/proc/self/task/${task}/children`, 'utf8').trim().split(' ');
    const found = children.find(
      (pid) => pid !== '' && readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'canceller',
    );
    if (found) return Number(found);
  }
  throw new Error('no canceller runs');
}

// The gate room's sound as the whole terminal tells of it: what happens to a card is one fault at the
// broker and in `status`, in time, and gone when the card is back. And a prompt outlives its process.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { holderOf } from '#agent/media/sound/holder.ts';
import { readPrompt } from '#agent/media/sound/prompt.ts';
import { promptPath } from '#test/sound/room.ts';
import { findIn, joined } from '#test/sound/signal.ts';
import { House } from './support/house.ts';

const rate = 48_000;
/** From the harm to the fault at the platform. */
const toldMs = 2_000;
const backMs = 30_000;
const devices = ['speaker', 'microphone'] as const;
type Device = (typeof devices)[number];
const other = { speaker: 'microphone', microphone: 'speaker' } as const;
const timeout = 120_000;

interface Told {
  readonly kind: string;
  readonly fault: string;
  readonly detail: string;
  readonly atMs: number;
}

let house: House;
/** What the platform was told of the sound. */
const told: Told[] = [];

const cards = () => {
  if (!house.room.sound) throw new Error('no simulated room');
  return house.room.sound;
};
const faultsNow = async (): Promise<string[]> =>
  (await house.room.status())?.faults.map(({ fault }) => fault) ?? ['no status'];
const soundIsWell = async () =>
  (await faultsNow()).every((fault) => !fault.startsWith('sound.') && fault !== 'talk.down');
const nowMs = () => performance.now();
const passes = (ms: number) => {
  const endMs = nowMs() + ms;
  return house.until('time to pass', () => nowMs() >= endMs, 3 * ms);
};

beforeAll(async () => {
  const media = { sound: 'simulated', warm: false } as const;
  house = await House.open({ buttons: 1, room: async () => ({ media }) });
  house.room.platform.watch(({ message, again }) => {
    const { kind, fault, detail } = message as Partial<Told>;
    if (again || !kind || !fault || !/^(sound|talk)\./.test(fault)) return;
    told.push({ kind, fault, detail: detail ?? '', atMs: nowMs() });
  });
  await house.start();
  await cancellerRuns();
}, 120_000);
afterAll(() => house.close());

/** The program that has a card open, and its process. */
const holding = (device: Device): string | null =>
  holderOf(device, new RegExp(`^${cards().lockPath(device).replaceAll('.', '\\.')}$`));
const pidIn = (holder: string | null): number =>
  Number(/\(process (\d+)\)/.exec(holder ?? '')?.[1]);
const isOurs = (device: Device) => holding(device)?.startsWith('canceller') ?? false;

const cancellerRuns = () =>
  house.until('both cards to be in use', () => devices.every(isOurs) && soundIsWell(), backMs);

/** The fault comes once, in time, is in `status`, nothing else is told; undone, it is gone there, too. */
async function oneFault(device: Device, harm: () => unknown, mend: () => unknown): Promise<string> {
  const fault = `sound.${device}`;
  const from = told.length;
  const beganMs = nowMs();
  await harm();
  await house.until(`${fault} at the platform`, () => told.length > from, 3 * toldMs);
  const [raised] = told.slice(from);
  expect(raised).toMatchObject({ kind: 'fault.raised', fault });
  expect((raised?.atMs ?? Infinity) - beganMs).toBeLessThan(toldMs);
  expect(await faultsNow()).toContain(fault);
  // Each of its further tries fails, and must not be told.
  await passes(toldMs);
  expect(await faultsNow()).not.toContain(`sound.${other[device]}`);
  await mend();
  await house.until(
    `the end of ${fault}`,
    async () => !(await faultsNow()).includes(fault),
    backMs,
  );
  await house.until('its end at the platform', () => told.at(-1)?.kind === 'fault.cleared', backMs);
  expect(told.slice(from).map(({ kind, fault: of }) => `${kind} ${of}`)).toEqual([
    `fault.raised ${fault}`,
    `fault.cleared ${fault}`,
  ]);
  return raised?.detail ?? '';
}

test.each(devices)('%s unplugged', { timeout }, async (device) => {
  const set = (isOn: boolean) => () => cards().gone(device, isOn);
  expect(await oneFault(device, set(true), set(false))).toContain('is unplugged');
});

test.each(devices)('%s stalled', { timeout }, async (device) => {
  const set = (isOn: boolean) => () => cards().stalled(device, isOn);
  expect(await oneFault(device, set(true), set(false))).toContain('its driver has stalled');
});

test.each([
  ['speaker', 'aplay', '/dev/zero'],
  ['microphone', 'arecord', '/dev/null'],
] as const)('%s in use by another program', { timeout }, async (device, program, file) => {
  const { env } = cards();
  const form = `-q -t raw -f S16_LE -r 48000 -D ${cards()[device]}`;
  // Tries until the card is free, which it is for a moment.
  const tries = `until ${program} ${form} ${file} 2>/dev/null; do :; done`;
  const thief = spawn('sh', ['-c', tries], { env, stdio: 'ignore' });
  const exit = once(thief, 'exit');
  const hasIt = () => holding(device)?.startsWith(program) ?? false;
  const of = (kind: string) =>
    told.filter((one) => one.kind === kind && one.fault === `sound.${device}`);
  const from = of('fault.raised').length;
  try {
    process.kill(pidIn(holding(device)), 'SIGKILL');
    await house.until(`${program} to have it`, hasIt, backMs);
    const takenMs = nowMs();
    const raised = () => of('fault.raised')[from];
    await house.until('the fault', () => raised() !== undefined, 3 * toldMs);
    expect((raised()?.atMs ?? Infinity) - takenMs).toBeLessThan(toldMs);
    expect(raised()?.detail).toMatch(/is in use by /);
    expect(await faultsNow()).toContain(`sound.${device}`);
    await passes(toldMs);
  } finally {
    thief.kill('SIGKILL');
    await exit;
    if (hasIt()) process.kill(pidIn(holding(device)), 'SIGKILL');
  }
  await cancellerRuns();
  await house.until('its end', () => of('fault.cleared').length > from, backMs);
  expect(of('fault.raised').length - from).toBe(1);
  expect(of('fault.cleared').length - from).toBe(1);
});

/** How often the words are in the sound. */
function timesIn(samples: Int16Array, words: Int16Array): number {
  const { at, likeness } = findIn(words, samples);
  if (likeness < 0.6) return 0;
  const [before, after] = [samples.subarray(0, at), samples.subarray(at + words.length)];
  return 1 + timesIn(before, words) + timesIn(after, words);
}

async function killTalk(): Promise<void> {
  const canceller = pidIn(holding('speaker'));
  const talk = Number(/\) . (\d+)/.exec(readFileSync(`/proc/${canceller}/stat`, 'utf8'))?.[1]);
  expect(readFileSync(`/proc/${talk}/cmdline`, 'utf8')).toContain('talk.cjs');
  process.kill(talk, 'SIGKILL');
  const isNew = () => isOurs('speaker') && pidIn(holding('speaker')) !== canceller;
  await house.until('another canceller', isNew, backMs);
  await cancellerRuns();
}

test('a prompt that was due while there was no talk process is said by the next, once', {
  timeout,
}, async () => {
  const words = joined(readPrompt(promptPath('zh/sent'))).subarray(0, rate / 2);
  const stop = await cards().record();
  const killed = killTalk();
  house.room.box.press(1);
  await house.until('the alarm', () => house.raised.length === 1);
  await killed;
  await passes(8_000);
  // Every prompt comes twice.
  expect(timesIn((await stop()).air.samples, words)).toBe(2);
  const stopAgain = await cards().record();
  await killTalk();
  await passes(4_000);
  expect(timesIn((await stopAgain()).air.samples, words)).toBe(0);
});

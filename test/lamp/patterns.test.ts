// The lamp tells the truth and can be read: by rhythm alone, at rates that people tell apart, and
// with no sound for a silent alarm.

import { describe, expect, test } from 'vitest';
import { marks } from '#agent/core/mark.ts';
import type { LampTarget, LampWord } from '#agent/core/target.ts';
import { faces } from '#agent/lamp/faces.ts';
import { lampTable, signalOf, testSignal } from '#agent/lamp/patterns.ts';
import { colourAt, deadSign, frameOf, readOutput } from '#agent/sim/box-frames.ts';

const still = { silent: null, fault: false, linkDown: false, mark: null };
const idle: LampTarget = { word: 'ready', ...still };
const words = Object.keys(faces).filter((word): word is LampWord => word in faces);
const flags = [false, true];
const targets: LampTarget[] = words.flatMap((word) =>
  [null, ...words].flatMap((silent) =>
    flags.flatMap((fault) =>
      flags.flatMap((linkDown) =>
        (silent ? [null] : [null, ...marks]).map((mark) => ({
          word,
          silent,
          fault,
          linkDown,
          mark,
        })),
      ),
    ),
  ),
);
const nameOf = ({ word, silent, fault, linkDown, mark }: LampTarget) =>
  [mark, word, silent && `silent ${silent}`, fault && 'fault', linkDown && 'down']
    .filter(Boolean)
    .join(' ');

/** What a lamp of one colour makes of a pattern: lit and dark times, from the first edge on. */
function rhythm(lamp: string): string {
  const merged: { lit: boolean; ms: number }[] = [];
  for (const segment of lamp.split('.')) {
    const lit = !segment.startsWith('-');
    const ms = Number(segment.slice(1));
    const last = merged.at(-1);
    if (last?.lit === lit) last.ms += ms;
    else merged.push({ lit, ms });
  }
  const turns = merged.map((_, i) =>
    [...merged.slice(i), ...merged.slice(0, i)]
      .map(({ lit, ms }) => `${lit ? 1 : 0}:${ms}`)
      .join(' '),
  );
  return turns.sort()[0] ?? '';
}

/** Times at which the lamp comes on, over some seconds. */
function onsets(lamp: string, seconds = 20): number[] {
  const found: number[] = [];
  for (let ms = 10; ms < seconds * 1000; ms += 10)
    if (colourAt(lamp, ms) !== '-' && colourAt(lamp, ms - 10) === '-') found.push(ms);
  return found;
}

describe('every signal', () => {
  test('keeps the limits of the protocol', () => {
    for (const { lamp, buzzer } of [...targets.map(signalOf), testSignal]) {
      const payload = `O,1,65535,${lamp},${buzzer}`;
      expect(readOutput(payload), payload).not.toBeNull();
      expect(frameOf(payload).length, payload).toBeLessThanOrEqual(256);
    }
  });

  test('no two words look alike on a lamp of one colour, nor like a dead terminal', () => {
    const seen = new Map([[rhythm(deadSign), 'dead terminal']]);
    for (const row of lampTable()) {
      expect(seen.get(rhythm(row.lamp)), `${row.word} looks like`).toBeUndefined();
      seen.set(rhythm(row.lamp), row.word);
    }
  });

  test('a fault beside a word leaves each word what it is, and apart from all others', () => {
    const seen = new Map<string, string>();
    for (const word of words.filter((one) => one !== 'unstored')) {
      for (const fault of flags) {
        const { lamp } = signalOf({ ...idle, word, fault });
        expect(seen.get(rhythm(lamp)), `${word} fault ${fault} looks like`).toBeUndefined();
        seen.set(rhythm(lamp), `${word} fault ${fault}`);
        expect(lamp.includes('Y80.-120.Y80')).toBe(fault);
      }
    }
  });

  test('a fault masks no word: its colours and times stay', () => {
    for (const word of words.filter((one) => one !== 'unstored')) {
      const [plain, beside] = [false, true].map((fault) => signalOf({ ...idle, word, fault }).lamp);
      const lit = (plain ?? '').split('.').slice(0, -1).join('.');
      expect(beside?.startsWith(lit), word).toBe(true);
    }
  });

  test('comes on at most three times in any second (WCAG 2.3.1 is the measure)', () => {
    for (const target of targets) {
      const times = onsets(signalOf(target).lamp);
      for (let i = 3; i < times.length; i++)
        expect((times[i] ?? 0) - (times[i - 3] ?? 0), nameOf(target)).toBeGreaterThanOrEqual(1000);
    }
  });

  test.each([
    ['undelivered', 1.4, 2.8],
    ['seen', 1.4, 2.8],
  ] as const)('%s flashes at a rate to act on', (word, least, most) => {
    const times = onsets(signalOf({ ...idle, word }).lamp);
    const fastest = Math.min(...times.slice(1).map((ms, i) => ms - (times[i] ?? 0)));
    expect(1000 / fastest).toBeGreaterThanOrEqual(least);
    expect(1000 / fastest).toBeLessThanOrEqual(most);
  });

  test.each([
    ['link down', { ...idle, linkDown: true }],
    ['taken', { ...idle, word: 'taken' as const }],
  ])('%s flashes at a rate for attention', (_, target) => {
    const [first = 0, second = 0] = onsets(signalOf(target).lamp);
    expect(1000 / (second - first)).toBeGreaterThanOrEqual(0.4);
    expect(1000 / (second - first)).toBeLessThanOrEqual(0.8);
  });
});

describe('a drill or service mode', () => {
  test('leaves each word and fault what they are, and no two look alike in one colour', () => {
    const seen = new Map<string, string>();
    for (const word of words)
      for (const fault of flags)
        for (const mark of [null, ...marks]) {
          if (word === 'unstored' && !fault) continue;
          const plain = signalOf({ ...idle, word, fault });
          const { lamp, buzzer } = signalOf({ ...idle, word, fault, mark });
          const name = `${word} fault ${fault} ${mark}`;
          expect(seen.get(rhythm(lamp)), `${name} looks like`).toBeUndefined();
          seen.set(rhythm(lamp), name);
          const lit = plain.lamp.split('.').slice(0, -1).join('.');
          expect(lamp.startsWith(lit), name).toBe(true);
          expect(buzzer).toBe(plain.buzzer);
          expect(lamp.split('.').filter((one) => one === 'B700')).toHaveLength(
            mark === 'drill' ? 1 : mark === 'service' ? 2 : 0,
          );
        }
  });
});

describe('what may be known', () => {
  test('a ready terminal is lit and not still: a dead one is neither', () => {
    const { lamp } = signalOf(idle);
    expect(onsets(lamp).length).toBeGreaterThan(3);
    expect(lamp).toMatch(/^G3900/);
  });

  test('unstored shows no word of the ladder, only the fault sign', () => {
    expect(signalOf({ ...idle, word: 'unstored' }).lamp).toMatch(/^-\d+\.Y80\.-120\.Y80\.-\d+$/);
  });

  test('a link that is down shows while idle, and hides no word', () => {
    expect(signalOf({ ...idle, linkDown: true }).lamp).toBe('Y1000.-1000');
    for (const word of words.filter((one) => one !== 'ready'))
      expect(signalOf({ ...idle, word, linkDown: true })).toEqual(signalOf({ ...idle, word }));
  });

  test('a silent alarm never sounds, and changes nothing but winks of the lamp at rest', () => {
    for (const silent of words) {
      expect(signalOf({ ...idle, silent }).buzzer).toBe('0x');
      const colours = new Set(signalOf({ ...idle, silent }).lamp.replaceAll(/[\d.]/g, ''));
      expect(colours).toEqual(new Set(['G', '-']));
      for (const word of words.filter((one) => one !== 'ready'))
        expect(signalOf({ ...idle, word, silent })).toEqual(signalOf({ ...idle, word }));
    }
  });

  test.each([
    [null, 1],
    ['stored', 2],
    ['taken', 2],
    ['undelivered', 3],
    ['resolved', 1],
  ] as const)('silent %s: %i winks every 4 s', (silent, winks) => {
    for (const fault of flags) {
      const { lamp } = signalOf({ ...idle, silent, fault });
      expect(lamp.split('.').filter((one) => one.startsWith('-')).length).toBe(
        fault ? winks + 2 : winks,
      );
    }
  });

  test('only what is not delivered sounds the alarm, for a minute', () => {
    for (const word of words)
      expect(signalOf({ ...idle, word }).buzzer === '75xT500.-300').toBe(word === 'undelivered');
    expect(75 * (500 + 300)).toBe(60_000);
  });

  test('a word that follows another without a sound of its own does not cut it off', () => {
    const sound = (word: LampWord) => signalOf({ ...idle, word }).buzzer;
    expect(sound('sent')).toBe(sound('stored'));
    expect(sound('seen')).toBe(sound('received'));
    expect(sound('talking')).toBe(sound('taken'));
  });
});

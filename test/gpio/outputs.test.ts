// Lamp, buzzer and relay on lines: what their levels do in time.

import { describe, expect, test } from 'vitest';
import type { OutputSetup } from '#agent/gpio/output.ts';
import { lampTable } from '#agent/lamp/patterns.ts';
import { place, type SimLine } from './sim-chip.ts';
import { bench } from './support.ts';

const on = (line: string, level: OutputSetup['on'] = 1) => ({ place: place(line), on: level });
const tower = { red: on('red'), amber: on('amber'), green: on('green') };
const all = { lamp: tower, buzzer: on('buzzer'), strobe: on('strobe') };
const lines = ['red', 'amber', 'green', 'buzzer', 'strobe', 'lamp'];
const room = (outputs = all as Parameters<typeof bench>[1]) => bench([], outputs, lines);

/** `1:200 0:200 ..`: what a line did, and for how long. */
const rhythm = ({ set }: SimLine, untilMs: number): string =>
  set
    .map(({ level, atMs }, n) => `${level}:${(set[n + 1]?.atMs ?? untilMs) - atMs}`)
    .filter((step) => !step.endsWith(':0'))
    .join(' ');

describe('a lamp', () => {
  test('of one colour tells any pattern by its rhythm', async () => {
    const { chip, clock, gpio, open } = room({
      lamp: { green: on('lamp') },
      buzzer: null,
      strobe: null,
    });
    await open();
    gpio.indicator?.show({ lamp: 'Y250.-250.W250.-1500', buzzer: '0x' });
    clock.advance(4500);
    expect(rhythm(chip.line('lamp'), clock.monoMs)).toBe(
      '1:250 0:250 1:250 0:1500 1:250 0:250 1:250 0:1500',
    );
  });

  test.each([
    ['R', { red: 1, amber: 0, green: 0 }],
    ['Y', { red: 0, amber: 1, green: 0 }],
    ['G', { red: 0, amber: 0, green: 1 }],
    ['W', { red: 1, amber: 1, green: 1 }],
  ])('of three colours shows %s', async (colour, levels) => {
    const { chip, clock, gpio, open } = room();
    await open();
    gpio.indicator?.show({ lamp: `${colour}500.-500`, buzzer: '0x' });
    clock.advance(100);
    for (const [line, level] of Object.entries(levels)) expect(chip.line(line).level).toBe(level);
    clock.advance(500);
    for (const line of Object.keys(levels)) expect(chip.line(line).level).toBe(0);
  });

  test('keeps time: after an hour it is where it should be', async () => {
    const { chip, clock, gpio, open } = room();
    await open();
    gpio.indicator?.show({ lamp: 'R200.-200', buzzer: '0x' });
    clock.advance(3_600_000 + 100);
    expect(chip.line('red').level).toBe(1);
    clock.advance(200);
    expect(chip.line('red').level).toBe(0);
  });

  test('the same again does not start it anew, and a lamp may change beneath a sound', async () => {
    const { chip, clock, gpio, open } = room();
    await open();
    gpio.indicator?.show({ lamp: 'R1000.-1000', buzzer: '2xT500.-500' });
    clock.advance(600);
    gpio.indicator?.show({ lamp: 'R1000.-1000', buzzer: '2xT500.-500' });
    gpio.indicator?.show({ lamp: 'G1000.-1000', buzzer: '2xT500.-500' });
    clock.advance(3000);
    expect(rhythm(chip.line('buzzer'), clock.monoMs)).toBe('1:500 0:500 1:500 0:2100');
    expect(rhythm(chip.line('red'), clock.monoMs)).toBe('1:600 0:3000');
  });

  test('every word of the table can be played', async () => {
    const { chip, clock, gpio, open } = room();
    await open();
    for (const { lamp, buzzer } of lampTable()) {
      gpio.indicator?.show({ lamp, buzzer });
      clock.advance(20_000);
    }
    for (const { set } of ['red', 'amber', 'green', 'buzzer'].map((name) => chip.line(name)))
      expect(set.length).toBeGreaterThan(4);
  });

  test('a buzzer ends by itself', async () => {
    const { chip, clock, gpio, open } = room();
    await open();
    gpio.indicator?.show({ lamp: 'R200.-200', buzzer: '75xT500.-300' });
    clock.advance(120_000);
    expect(chip.line('buzzer').set.filter(({ level }) => level === 1).length).toBe(75);
    expect(chip.line('buzzer').level).toBe(0);
  });
});

describe('a line that is set', () => {
  test('is off at start and at the end, also where off is high', async () => {
    const { chip, gpio, open } = room({ lamp: null, buzzer: null, strobe: on('strobe', 0) });
    await open();
    expect(chip.line('strobe').level).toBe(1);
    gpio.strobe?.want(true);
    expect(chip.line('strobe').level).toBe(0);
    await gpio.close();
    expect(chip.line('strobe')).toMatchObject({ level: 1, holder: null });
  });

  test('what was wanted before it was there is what it begins with', async () => {
    const { chip, clock, gpio, sink, open } = room();
    chip.line('strobe').holder = 'somebody';
    gpio.strobe?.want(true);
    await open();
    expect(sink.of('fault.raised')).toMatchObject([
      { fault: 'output.strobe.line', detail: 'strobe: in use by somebody.' },
    ]);
    chip.line('strobe').holder = null;
    clock.advance(5000);
    expect(chip.line('strobe').level).toBe(1);
    expect(sink.story('output.strobe.line')).toEqual(['raised', 'cleared']);
  });

  test('nothing goes on after close', async () => {
    const { chip, clock, gpio, open } = room();
    await open();
    gpio.indicator?.show({ lamp: 'R200.-200', buzzer: '75xT500.-300' });
    await gpio.close();
    gpio.indicator?.show({ lamp: 'G200.-200', buzzer: '1xT100' });
    expect(clock.timers).toBe(0);
    expect(['red', 'green', 'buzzer'].map((name) => chip.line(name).level)).toEqual([0, 0, 0]);
  });
});

describe('the strobe on a relay', () => {
  const job = { id: 'job-1', what: 'test.strobe', deadlineMs: Number.POSITIVE_INFINITY } as const;

  test('is tested for a moment and goes back to what is wanted', async () => {
    const { chip, clock, gpio, sink, open } = room();
    await open();
    gpio.strobe?.run(job);
    gpio.strobe?.run(job);
    expect(chip.line('strobe').level).toBe(1);
    clock.advance(5000);
    expect(chip.line('strobe').level).toBe(0);
    expect(sink.of('job.done')).toMatchObject([{ id: 'job-1', result: { shownMs: 2000 } }]);
  });

  test('an alarm in the middle of a test leaves it on', async () => {
    const { chip, clock, gpio, open } = room();
    await open();
    gpio.strobe?.run(job);
    gpio.strobe?.want(true);
    clock.advance(5000);
    expect(chip.line('strobe').level).toBe(1);
  });

  test('a test of a line that is not there fails', async () => {
    const { chip, clock, gpio, sink, open } = room();
    chip.line('strobe').holder = 'somebody';
    await open();
    gpio.strobe?.run(job);
    clock.advance(2500);
    expect(sink.of('job.failed')).toMatchObject([{ id: 'job-1' }]);
  });
});

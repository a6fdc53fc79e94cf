// Every line on one screen: a press finds its line, and no line is touched that is somebody's.

import { describe, expect, test } from 'vitest';
import { Gpio } from '#agent/gpio/gpio.ts';
import { baselineOf, findIn } from '#agent/teach/found.ts';
import { endAfterMs } from '#agent/teach/teach.ts';
import { RecordingSink } from '#test/buttons/support.ts';
import { place } from '#test/gpio/sim-chip.ts';
import { button, noOutputs, on } from '#test/gpio/support.ts';
import { lineOf, lineRoom, signalOf } from './support.ts';

describe('a press', () => {
  test('finds its line, whichever level that rests at', async () => {
    const { chip, look, watch, press } = lineRoom(['low', 'high', 'quiet']);
    chip.slip('high', 1);
    const first = baselineOf(await look());
    await watch(1000);
    expect(findIn(await look(), first)).toEqual([]);
    const view = await press('high');
    expect(findIn(view, first)).toMatchObject([{ what: 'line', line: { name: 'high' } }]);
    expect(signalOf(view, 'high')).toMatchObject({ level: 1, rest: 1, edges: 2, presses: 1 });
    expect(signalOf(view, 'high')?.press?.ms).toBe(300);
    expect(signalOf(await press('low', 80), 'low')).toMatchObject({ rest: 0, presses: 1 });
  });

  test('bounce is one press; what couples into the wire beside comes after it', async () => {
    const { chip, clock, look, watch, press } = lineRoom(['desk', 'beside']);
    const first = baselineOf(await look());
    await watch(1000);
    for (const level of [1, 0, 1, 0] as const) {
      chip.drive('desk', level);
      chip.drive('beside', level);
      clock.advance(2);
    }
    const view = await press('desk');
    expect(signalOf(view, 'desk')).toMatchObject({ presses: 1, edges: 6 });
    expect(findIn(view, first).map((one) => one.what === 'line' && one.line.name)).toEqual([
      'desk',
      'beside',
    ]);
  });

  test('between two looks is found by its edges; without interrupts by asking', async () => {
    const { chip, clock, look } = lineRoom(['edges', 'deaf']);
    chip.line('deaf').hasInterrupts = false;
    await look();
    clock.advance(1000);
    for (const level of [1, 0] as const) {
      chip.drive('edges', level);
      chip.drive('deaf', level);
      clock.advance(60);
    }
    clock.advance(40);
    const view = await look();
    expect(signalOf(view, 'edges')).toMatchObject({ level: 0, presses: 1 });
    expect(signalOf(view, 'deaf')).toMatchObject({ level: 0, presses: 1 });
    expect(lineOf(view, 'deaf').isPolled).toBe(true);
  });

  test('held down when the look begins: rest is where the line stays', async () => {
    const { chip, watch, move, press } = lineRoom(['desk']);
    chip.slip('desk', 1);
    await watch(500);
    await move('desk', 0, 7000);
    expect(signalOf(await press('desk'), 'desk')).toMatchObject({ rest: 0, presses: 1 });
  });

  test('both contacts of one button are one find', async () => {
    const { chip, look, watch } = lineRoom(['make', 'break', 'quiet']);
    chip.slip('make', 1);
    const first = baselineOf(await look());
    await watch(1000);
    chip.drive('break', 1);
    await watch(100);
    chip.drive('make', 0);
    await watch(400);
    chip.drive('make', 1);
    await watch(100);
    chip.drive('break', 0);
    const found = findIn(await watch(500), first);
    expect(found).toMatchObject([
      { what: 'pair', line: { name: 'make' }, other: { name: 'break' } },
    ]);
  });
});

test('a spike on the wire beside is no second contact, though that rests the other way', async () => {
  const { chip, clock, look, watch } = lineRoom(['desk', 'beside']);
  chip.slip('desk', 1);
  const first = baselineOf(await look());
  await watch(1000);
  chip.drive('desk', 0);
  for (const level of [1, 0] as const) {
    chip.drive('beside', level);
    clock.advance(2);
  }
  await watch(100);
  chip.drive('desk', 1);
  const found = findIn(await watch(500), first);
  expect(found).toMatchObject([
    { what: 'line', line: { name: 'desk' } },
    { what: 'line', line: { name: 'beside' } },
  ]);
});

describe('noise', () => {
  test.each([
    ['a floating input', 7],
    ['a signal of once a second', 500],
  ])('%s is told as noise and found by nobody', async (_, everyMs) => {
    const { chip, clock, look, press } = lineRoom(['desk', 'noisy']);
    const first = baselineOf(await look());
    for (let passed = 0; passed < 22_000; passed += everyMs) {
      chip.drive('noisy', chip.line('noisy').level === 1 ? 0 : 1);
      clock.advance(everyMs);
      if (passed % 1000 < everyMs) await look();
    }
    expect(signalOf(await look(), 'noisy')).toMatchObject({ isNoise: true });
    const view = await press('desk');
    expect(findIn(view, first)).toMatchObject([{ line: { name: 'desk' } }]);
  });
});

describe('what is somebody’s', () => {
  test('busy lines, outputs and pins of the processor are listed and never asked for', async () => {
    const { chip, watch } = lineRoom(['free', 'busy', 'relay']);
    chip.line('busy').holder = 'reset';
    chip.line('relay').isOutput = true;
    const view = await watch(3000);
    expect(view.lines).toMatchObject([
      { name: 'free', state: 'watched', signal: { level: 0 } },
      { name: 'busy', state: 'busy', by: 'reset', signal: null },
      { name: 'relay', state: 'output', signal: null },
    ]);
    expect(chip.opened).toEqual(['free']);
    expect(chip.line('free').bias).toBe('as-is');
  });

  test('a bias is asked for only where somebody wants it, and only of free lines', async () => {
    const room = lineRoom(['free']);
    room.asking({ bias: 'pull-up' });
    await room.watch(100);
    expect(room.chip.line('free').bias).toBe('pull-up');
    await expect(room.teach.look({ bias: 'as-is' })).rejects.toThrow('other options');
    await expect(room.teach.look({ bias: 'up' })).rejects.toThrow('one of: pull-up');
  });

  test.each(['INT34C5:00', 'AMDI0030:00', 'pinctrl-bcm2711'])(
    'a chip of the processor, %s, only where it is named',
    async (label) => {
      const room = lineRoom(['gpp-a4']);
      room.chip.label = label;
      expect((await room.watch(100)).lines).toMatchObject([{ state: 'spared', signal: null }]);
      expect(room.chip.opened).toEqual([]);
      room.clock.advance(endAfterMs);
      room.asking({ chip: label });
      expect((await room.watch(100)).lines).toMatchObject([{ state: 'watched' }]);
    },
  );

  test.each([
    ['name', { line: 'desk', chip: null, offset: null }],
    ['label and offset', { line: null, chip: 'sim', offset: 1 }],
    ['chip and offset', { line: null, chip: 'gpiochip0', offset: 1 }],
  ])(
    'a line that the configuration has by %s is left to its driver, which may be late',
    async (_, at) => {
      const late = { id: 'desk', place: at, where: null, level: null, edges: 0, lost: 0 };
      const { chip, watch } = lineRoom(['free', 'desk'], {
        uses: { lines: () => [{ ...late, mode: 'edge' }], ports: [] },
      });
      expect((await watch(2500)).lines[1]).toMatchObject({ state: 'configured', by: 'desk' });
      expect(chip.opened).toEqual(['free']);
    },
  );

  test('lines of the configuration are told by their drivers, and opened once', async () => {
    const lines = () => gpio.figures().lines;
    const { clock, chip, watch, press } = lineRoom(['free', 'desk', 'lamp'], {
      uses: { lines: () => lines(), ports: [] },
    });
    const outputs = { ...noOutputs, buzzer: on(place('lamp')) };
    const inputs = [button('desk')];
    const gpio = new Gpio({
      ...{ driver: 'auto', inputs, outputs, debounceMs: 50, clock, kernel: chip },
    });
    const sink = new RecordingSink();
    await gpio.open(sink);
    await watch(1000);
    const view = await press('desk');
    expect(view.lines).toMatchObject([
      { name: 'free', state: 'watched' },
      { name: 'desk', state: 'configured', by: 'desk', signal: { edges: 2, presses: 1 } },
      { name: 'lamp', state: 'configured', by: 'buzzer', signal: null },
    ]);
    expect(chip.opened.toSorted()).toEqual(['desk', 'free', 'lamp']);
    expect(sink.contacts('desk')).toEqual(['normal', 'pressed', 'normal']);
    clock.advance(endAfterMs);
    expect(chip.line('desk').holder).toBe('us');
    await gpio.close();
  });
});

describe('the end', () => {
  test('3 s after the last look every line is given back; a new look begins anew', async () => {
    const { clock, chip, look, press, watch } = lineRoom(['one', 'two']);
    await press('one');
    clock.advance(endAfterMs - 1);
    expect(chip.line('one').holder).toBe('us');
    clock.advance(1);
    expect([chip.line('one').holder, chip.line('two').holder]).toEqual([null, null]);
    await look();
    expect(signalOf(await watch(100), 'one')).toMatchObject({ presses: 0, edges: 0 });
    expect(chip.line('two').holder).toBe('us');
  });

  test('a chip that is pulled takes its lines along, and they come back with it', async () => {
    const { chip, watch, press } = lineRoom(['desk']);
    await watch(100);
    chip.pull();
    const gone = await watch(2500);
    expect(gone.lines).toEqual([]);
    expect(gone.troubles).toEqual([expect.stringContaining('no GPIO chip')]);
    chip.plug();
    await watch(2500);
    expect(signalOf(await press('desk'), 'desk')).toMatchObject({ presses: 1 });
  });
});

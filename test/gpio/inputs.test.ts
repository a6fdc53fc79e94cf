// From levels of lines to facts: on a simulated chip, with a clock that the test moves.

import { describe, expect, test } from 'vitest';
import { pollMs, rereadMs } from '#agent/gpio/input-line.ts';
import { place } from './sim-chip.ts';
import { bench, button, debounceMs } from './support.ts';

describe('a make contact', () => {
  test('tells its level at start, and each change with the time of the edge', async () => {
    const { chip, clock, sink, open } = bench([button('b1')]);
    await open();
    expect(sink.contacts('b1')).toEqual(['normal']);
    clock.advance(200);
    const pressedMs = clock.monoMs;
    chip.drive('b1', 1);
    clock.advance(200);
    chip.drive('b1', 0);
    expect(sink.contacts('b1')).toEqual(['normal', 'pressed', 'normal']);
    expect(sink.of('input.changed')[1]?.edgeMs).toBe(pressedMs);
    expect(sink.of('input.changed')[1]?.count).toBeUndefined();
    const ages = sink.of('input.changed').map(({ earliestMs }) => earliestMs);
    expect(ages).toEqual([null, undefined, undefined]);
  });

  test('held at start is told pressed', async () => {
    const { chip, sink, open } = bench([button('b1')]);
    chip.slip('b1', 1);
    await open();
    expect(sink.contacts('b1')).toEqual(['pressed']);
  });

  test.each([
    ['closed to ground', { contact: 'no', closed: 0 }, 0],
    ['a break contact to ground', { contact: 'nc', closed: 0 }, 1],
    ['a break contact to plus', { contact: 'nc', closed: 1 }, 0],
  ] as const)('%s', async (_, wiring, pressedLevel) => {
    const { chip, sink, open } = bench([button('b1', wiring)]);
    chip.slip('b1', pressedLevel === 1 ? 0 : 1);
    await open();
    chip.drive('b1', pressedLevel);
    expect(sink.contacts('b1')).toEqual(['normal', 'pressed']);
  });

  test('the bias is what the configuration says', async () => {
    const { chip, open } = bench([button('b1', { bias: 'pull-up' })]);
    await open();
    expect(chip.line('b1').bias).toBe('pull-up');
  });

  test('edges that the kernel dropped hide a press no more than they would have shown it', async () => {
    const { chip, clock, sink, open } = bench([button('b1')]);
    await open();
    clock.advance(200);
    chip.drive('b1', 0, 2);
    clock.advance(debounceMs);
    expect(sink.contacts('b1')).toEqual(['normal', 'pressed', 'normal']);
  });

  test('an edge that never came is found within a second', async () => {
    const { chip, clock, gpio, sink, open } = bench([button('b1')]);
    await open();
    chip.slip('b1', 1);
    clock.advance(rereadMs);
    expect(sink.contacts('b1')).toEqual(['normal', 'pressed']);
    expect(gpio.figures().lines[0]).toMatchObject({ mode: 'edge', lost: 1 });
  });

  test('a line whose edges never come is polled in the end', async () => {
    const { chip, clock, gpio, open } = bench([button('b1')]);
    await open();
    for (const level of [1, 0, 1] as const) {
      chip.slip('b1', level);
      clock.advance(rereadMs);
    }
    expect(gpio.figures().lines[0]?.mode).toBe('polled');
  });

  test('nothing is told after close, and the line is free', async () => {
    const { chip, clock, gpio, sink, open } = bench([button('b1')]);
    await open();
    await gpio.close();
    const told = sink.facts.length;
    chip.drive('b1', 1);
    clock.advance(60_000);
    expect(sink.facts.length).toBe(told);
    expect(chip.line('b1').holder).toBeNull();
    expect(clock.timers).toBe(0);
  });
});

describe('a chip without interrupts', () => {
  test('is asked for its level often, and told as polled', async () => {
    const { chip, clock, gpio, sink, open } = bench([button('b1'), button('b2')]);
    chip.line('b1').hasInterrupts = false;
    await open();
    chip.drive('b1', 1);
    clock.advance(pollMs);
    expect(sink.contacts('b1')).toEqual(['normal', 'pressed']);
    expect(gpio.figures().lines.map(({ mode }) => mode)).toEqual(['polled', 'edge']);
  });

  test('is not asked while every line has them', async () => {
    const { chip, clock, open } = bench([button('b1'), button('b2')]);
    await open();
    const atStart = chip.asked;
    clock.advance(10 * rereadMs);
    expect(chip.asked - atStart).toBeLessThanOrEqual(20);
  });
});

describe('a contact that bounces at 1 kHz', () => {
  const bounce = async (ms: number) => {
    const all = bench([button('b1')]);
    await all.open();
    all.clock.advance(200);
    for (let n = 0; n < ms; n++) {
      all.chip.drive('b1', n % 2 === 0 ? 1 : 0);
      all.clock.advance(1);
    }
    return all;
  };

  test('is one press and one release', async () => {
    const { chip, clock, sink } = await bounce(31);
    clock.advance(300);
    chip.drive('b1', 0);
    clock.advance(300);
    expect(sink.contacts('b1')).toEqual(['normal', 'pressed', 'normal']);
    expect(sink.story('input.b1.chatter')).toEqual([]);
  });

  test('without end is one press and a fault, which goes when it has been calm', async () => {
    const { clock, sink } = await bounce(5000);
    expect(sink.contacts('b1')).toEqual(['normal', 'pressed']);
    expect(sink.story('input.b1.chatter')).toEqual(['raised']);
    clock.advance(5000);
    expect(sink.contacts('b1')).toEqual(['normal', 'pressed', 'normal']);
    expect(sink.story('input.b1.chatter')).toEqual(['raised']);
    clock.advance(7000);
    expect(sink.story('input.b1.chatter')).toEqual(['raised', 'cleared']);
  });
});

describe('a pair of contacts', () => {
  const pair = () => {
    const all = bench([button('b1', { contact: 'pair', pair: place('b1-nc') })]);
    all.chip.slip('b1-nc', 1);
    return all;
  };

  test('a press passes through both open without being tamper', async () => {
    const { chip, clock, sink, open } = pair();
    await open();
    expect(sink.contacts('b1')).toEqual(['normal']);
    chip.drive('b1-nc', 0);
    clock.advance(4);
    chip.drive('b1', 1);
    clock.advance(5000);
    chip.drive('b1', 0);
    clock.advance(4);
    chip.drive('b1-nc', 1);
    clock.advance(5000);
    expect(sink.contacts('b1')).toEqual(['normal', 'pressed', 'normal']);
  });

  test('both open is tamper when it lasts, and mends', async () => {
    const { chip, clock, sink, open } = pair();
    await open();
    chip.drive('b1-nc', 0);
    clock.advance(5000);
    expect(sink.contacts('b1')).toEqual(['normal', 'tamper']);
    chip.drive('b1-nc', 1);
    expect(sink.contacts('b1').at(-1)).toBe('normal');
  });

  test('a make contact that closes is a press whatever the other says, and tamper beside it', async () => {
    const { chip, clock, sink, open } = pair();
    await open();
    chip.drive('b1', 1);
    expect(sink.contacts('b1')).toEqual(['normal', 'pressed']);
    clock.advance(5000);
    expect(sink.contacts('b1')).toEqual(['normal', 'pressed', 'tamper']);
  });

  test.each(['b1', 'b1-nc'])('without %s the other tells alone', async (missing) => {
    const { chip, sink, open } = pair();
    chip.line(missing).holder = 'somebody';
    await open();
    expect(sink.contacts('b1')).toEqual(['normal']);
    const fault = missing === 'b1' ? 'input.b1.line' : 'input.b1.pair';
    expect(sink.story(fault)).toEqual(['raised']);
    chip.drive(missing === 'b1' ? 'b1-nc' : 'b1', missing === 'b1' ? 0 : 1);
    expect(sink.contacts('b1')).toEqual(['normal', 'pressed']);
  });
});

describe('a line that cannot be had', () => {
  test('is a fault of its own; the other buttons work; it is had when it can be', async () => {
    const { chip, clock, sink, open } = bench([button('b1'), button('b2')]);
    chip.line('b1').holder = 'another program';
    await open();
    expect(sink.of('fault.raised')).toMatchObject([
      { fault: 'input.b1.line', detail: 'Button b1: in use by another program.' },
    ]);
    chip.drive('b2', 1);
    expect(sink.contacts('b2')).toEqual(['normal', 'pressed']);
    clock.advance(60_000);
    expect(sink.story('input.b1.line')).toEqual(['raised']);
    chip.line('b1').holder = null;
    chip.slip('b1', 1);
    clock.advance(5000);
    expect(sink.story('input.b1.line')).toEqual(['raised', 'cleared']);
    expect(sink.contacts('b1')).toEqual(['pressed']);
  });

  test.each([0, 1] as const)(
    'a chip that is pulled and put back, level %s meanwhile',
    async (level) => {
      const { chip, clock, sink, open } = bench([button('b1')]);
      await open();
      chip.pull();
      expect(sink.story('input.b1.line')).toEqual(['raised']);
      chip.slip('b1', level);
      clock.advance(20_000);
      chip.plug();
      clock.advance(5000);
      expect(sink.story('input.b1.line')).toEqual(['raised', 'cleared']);
      expect(sink.contacts('b1')).toEqual(level === 1 ? ['normal', 'pressed'] : ['normal']);
    },
  );

  test('tries grow apart, and do not end', async () => {
    const { chip, clock, open } = bench([button('b1')]);
    chip.line('b1').holder = 'another program';
    await open();
    let tries = 0;
    const input = chip.input.bind(chip);
    chip.input = (...args) => {
      tries++;
      return input(...args);
    };
    clock.advance(60_000);
    expect(tries).toBeGreaterThanOrEqual(10);
    expect(tries).toBeLessThanOrEqual(20);
  });
});

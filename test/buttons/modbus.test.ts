// Modbus modules on a pseudo terminal: levels, presses, and a line on which modules are silent,
// wrong, garbled or echoed.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ModbusLine, type ModbusModule, moduleSilentMs } from '#agent/buttons/modbus.ts';
import { SimModbus } from '#agent/sim/modbus.ts';
import { systemClock } from '#agent/system/clock.ts';
import { RecordingSink, until } from './support.ts';

const closing = (id: string) => ({ id, contact: 'no' as const });

let dir: string;
let sim: SimModbus;
let sink: RecordingSink;
let line: ModbusLine | null;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'gate-modbus-'));
  sim = new SimModbus(dir);
  sink = new RecordingSink();
  line = null;
});
afterEach(async () => {
  await line?.close();
  await sim.unplug();
  await rm(dir, { recursive: true, force: true });
});

async function open(modules: readonly ModbusModule[]): Promise<void> {
  const path = await sim.plug();
  const clock = systemClock();
  line = new ModbusLine({ id: 'io', path, baud: 9600, parity: 'none', modules, clock });
  await line.open(sink);
}
const shows = (input: string, contact: string) =>
  until(() => sink.contacts(input).at(-1) === contact, `${input} ${contact}`);
const detailOf = (fault: string): string =>
  sink.of('fault.raised').find((one) => one.fault === fault)?.detail ?? '';

describe('inputs', () => {
  test('level at start, a press, a release; one contact closes, the other opens', async () => {
    const module = sim.add(1, 8);
    module.inputs[7] = true;
    const inputs = { '3': closing('desk'), '8': { id: 'gate', contact: 'nc' as const } };
    await open([{ unit: 1, inputs }]);
    await shows('desk', 'normal');
    await shows('gate', 'normal');
    module.inputs[2] = true;
    await shows('desk', 'pressed');
    module.inputs[7] = false;
    await shows('gate', 'pressed');
    module.inputs[2] = false;
    await shows('desk', 'normal');
    expect(sink.contacts('desk')).toEqual(['normal', 'pressed', 'normal']);
    expect(sink.contacts('gate')).toEqual(['normal', 'pressed']);
  });

  test('held down at start is told as pressed', async () => {
    sim.add(1, 4).inputs[0] = true;
    await open([{ unit: 1, inputs: { '1': closing('desk') } }]);
    await shows('desk', 'pressed');
  });

  test('two modules in turn, on a line that echoes', async () => {
    sim.echoes = true;
    const one = sim.add(1, 16);
    const two = sim.add(247, 2);
    await open([
      { unit: 1, inputs: { '16': closing('desk') } },
      { unit: 247, inputs: { '1': closing('gate') } },
    ]);
    await shows('desk', 'normal');
    await shows('gate', 'normal');
    one.inputs[15] = true;
    two.inputs[0] = true;
    await shows('desk', 'pressed');
    await shows('gate', 'pressed');
    expect(sink.of('fault.raised')).toEqual([]);
  });
});

describe('trouble', () => {
  test('a silent module is one fault within 3 s, does not slow the other, and comes back', async () => {
    sim.add(1, 4);
    const far = sim.add(2, 4);
    await open([
      { unit: 1, inputs: { '1': closing('desk') } },
      { unit: 2, inputs: { '1': closing('gate') } },
    ]);
    await shows('gate', 'normal');
    far.silent = true;
    const sinceMs = performance.now();
    await until(() => sink.story('modbus.io.2.silent').length === 1, 'fault', 2 * moduleSilentMs);
    expect(performance.now() - sinceMs).toBeLessThan(moduleSilentMs + 500);
    expect(detailOf('modbus.io.2.silent')).toMatch(/Module 2 .*address \(2\).*9600 baud, none/);
    const before = sim.asked.length;
    await until(() => sim.asked.length > before + 20, 'the other is asked on', 3000);
    far.silent = false;
    far.inputs[0] = true;
    await shows('gate', 'pressed');
    expect(sink.story('modbus.io.2.silent')).toEqual(['raised', 'cleared']);
  });

  test('nobody under this address: the same sentence, and the other buttons work', async () => {
    const module = sim.add(1, 4);
    await open([
      { unit: 9, inputs: { '1': closing('gate') } },
      { unit: 1, inputs: { '1': closing('desk') } },
    ]);
    await shows('desk', 'normal');
    module.inputs[0] = true;
    await shows('desk', 'pressed');
    await until(() => sink.story('modbus.io.9.silent').length === 1, 'fault', 2 * moduleSilentMs);
    expect(sink.contacts('gate')).toEqual([]);
  });

  test('wrong CRCs are no answer and no level', async () => {
    const module = sim.add(1, 4);
    await open([{ unit: 1, inputs: { '1': closing('desk') } }]);
    await shows('desk', 'normal');
    module.garbles = true;
    module.inputs[0] = true;
    await until(() => sink.story('modbus.io.1.silent').length === 1, 'fault', 2 * moduleSilentMs);
    expect(sink.contacts('desk')).toEqual(['normal']);
    module.garbles = false;
    await shows('desk', 'pressed');
  });

  test('an input that the module has not is refused by it: one fault that says so', async () => {
    sim.add(1, 4);
    await open([{ unit: 1, inputs: { '5': closing('desk') } }]);
    await until(() => sink.story('modbus.io.1.refuses').length === 1, 'fault');
    expect(detailOf('modbus.io.1.refuses')).toMatch(/Module 1 refuses .*numbers of its inputs/);
    expect(sink.story('modbus.io.1.silent')).toEqual([]);
  });

  test('the adapter pulled and put back: one fault, and what is held then is told', async () => {
    const module = sim.add(1, 4);
    await open([{ unit: 1, inputs: { '1': closing('desk') } }]);
    await shows('desk', 'normal');
    await sim.unplug();
    await until(() => sink.story('modbus.io.absent').length === 1, 'absent');
    module.inputs[0] = true;
    await sim.plug();
    await shows('desk', 'pressed');
    expect(sink.story('modbus.io.absent')).toEqual(['raised', 'cleared']);
  });
});

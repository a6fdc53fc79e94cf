// The guard's lamp and buzzer on outputs of Modbus modules: the module shows what is wanted, whatever
// becomes of module and line, and reading the buttons goes on in between.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { assertEveryMs, type ModuleOutputs } from '#agent/buttons/coils.ts';
import { ModbusLine, type ModbusModule, moduleSilentMs } from '#agent/buttons/modbus.ts';
import { SimModbus, type SimModule } from '#agent/sim/modbus.ts';
import { systemClock } from '#agent/system/clock.ts';
import { RecordingSink, until } from './support.ts';

const desk = { '1': { id: 'desk', contact: 'no' as const } };
const outputs: ModuleOutputs = { lamp: { red: 1, green: 2 }, buzzer: 4 };
const red = { lamp: 'R1000', buzzer: '0x' };
const green = { lamp: 'G1000', buzzer: '0x' };

let dir: string;
let sim: SimModbus;
let sink: RecordingSink;
let line: ModbusLine;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'gate-coils-'));
  sim = new SimModbus(dir);
  sink = new RecordingSink();
});
afterEach(async () => {
  await line.close();
  await sim.unplug();
  await rm(dir, { recursive: true, force: true });
});

async function open(...modules: readonly ModbusModule[]): Promise<void> {
  const path = await sim.plug();
  const clock = systemClock();
  line = new ModbusLine({ id: 'io', path, baud: 9600, parity: 'none', modules, clock });
  await line.open(sink);
}
const show = (signal: { lamp: string; buzzer: string }): void => {
  for (const indicator of line.indicators) indicator.show(signal);
};
const isAs = (module: SimModule, on: string, withinMs = 5000) =>
  until(() => module.outputs.map(Number).join('') === on, `outputs ${on}`, withinMs);
const raised = (fault: string, withinMs?: number) =>
  until(() => sink.story(`modbus.io.${fault}`).at(-1) === 'raised', fault, withinMs);

describe('lamp and buzzer', () => {
  test('colours, the buzzer, the rhythm; dark and silent at the end', async () => {
    const module = sim.add(1, 4, 4);
    await open({ unit: 1, inputs: desk, outputs });
    show(red);
    await isAs(module, '1000');
    show(green);
    await isAs(module, '0100');
    show({ lamp: 'G1000', buzzer: '2xT300.-300' });
    await isAs(module, '0101');
    await isAs(module, '0100');
    show({ lamp: 'W300.-300', buzzer: '0x' });
    await isAs(module, '1100');
    await isAs(module, '0000');
    await isAs(module, '1100');
    await line.close();
    expect(module.outputs).toEqual([false, false, false, false]);
    expect(sink.of('fault.raised')).toEqual([]);
  });

  test('one write between two reads at most, and none where nothing changes', async () => {
    const module = sim.add(1, 4, 4);
    await open({ unit: 1, inputs: desk, outputs });
    show({ lamp: 'R20.-20', buzzer: '250xT20.-20' });
    await until(() => sim.asked.filter((one) => one === '1:5').length > 20, 'writes');
    expect(sim.asked.join(' ')).not.toContain('1:5 1:5');
    module.inputs[0] = true;
    await until(() => sink.contacts('desk').at(-1) === 'pressed', 'a press meanwhile');
    show(green);
    await isAs(module, '0100');
    const before = sim.asked.length;
    await until(() => sim.asked.length > before + 20, 'reads');
    expect(sim.asked.slice(before).filter((one) => one === '1:5').length).toBeLessThanOrEqual(1);
  });

  test('two modules with a lamp each; one that is not there does not hold up the other', async () => {
    const there = sim.add(2, 4, 4);
    await open({ unit: 1, inputs: {}, outputs }, { unit: 2, inputs: {}, outputs });
    show(red);
    await isAs(there, '1000', 2500);
    show(green);
    await isAs(there, '0100', 2500);
    await raised('1.silent', 2 * moduleSilentMs);
    expect(sink.story('modbus.io.2.silent')).toEqual([]);
  });
});

describe('told again', () => {
  test('a module without inputs that lost its power for a moment: at the next look', async () => {
    const module = sim.add(1, 0, 4);
    await open({ unit: 1, inputs: {}, outputs });
    show(red);
    await isAs(module, '1000');
    module.outputs.fill(false);
    await isAs(module, '1000', assertEveryMs / 2);
  });

  test('one with inputs: every 5 s', async () => {
    const module = sim.add(1, 4, 4);
    await open({ unit: 1, inputs: desk, outputs });
    show(red);
    await isAs(module, '1000');
    module.outputs.fill(false);
    await isAs(module, '1000', assertEveryMs + 2000);
  });

  test('after a silence, and after the adapter was pulled, what was wanted meanwhile', async () => {
    const module = sim.add(1, 4, 4);
    await open({ unit: 1, inputs: desk, outputs });
    show(red);
    await isAs(module, '1000');
    module.silent = true;
    module.outputs.fill(false);
    await raised('1.silent', 2 * moduleSilentMs);
    show(green);
    module.silent = false;
    await isAs(module, '0100', 2500);
    await sim.unplug();
    await raised('absent');
    show(red);
    await sim.plug();
    await isAs(module, '1000', 8000);
  });
});

describe('trouble', () => {
  test('an output that the module has not: one fault, and the button goes on', async () => {
    const module = sim.add(1, 4, 2);
    await open({ unit: 1, inputs: desk, outputs });
    show(red);
    await raised('1.output');
    expect(sink.of('fault.raised')[0]?.detail).toMatch(/Module 1 refuses .*inputs and outputs/);
    await isAs(module, '10');
    module.inputs[0] = true;
    await until(() => sink.contacts('desk').at(-1) === 'pressed', 'a press');
    expect(sink.story('modbus.io.1.refuses')).toEqual([]);
  });

  test('on an adapter that hears itself a dead module is silent all the same', async () => {
    sim.echoes = true;
    const module = sim.add(1, 4, 4);
    await open({ unit: 1, inputs: desk, outputs });
    show(red);
    await isAs(module, '1000');
    module.silent = true;
    show({ lamp: 'R50.-50', buzzer: '0x' });
    await raised('1.silent', 2 * moduleSilentMs);
    module.silent = false;
    await until(() => sink.story('modbus.io.1.silent').at(-1) === 'cleared', 'back', 5000);
  });
});

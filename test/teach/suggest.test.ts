// What is printed to be pasted is right configuration, whatever was found: the loader itself takes it.

import { describe, expect, test } from 'vitest';
import { type Config, loadConfig } from '#agent/config.ts';
import { type Found, findIn } from '#agent/teach/found.ts';
import { suggest, yamlOf } from '#agent/teach/suggest.ts';
import type { LineView, PortView, Signal, TeachView } from '#agent/teach/view.ts';
import { makeSite, rightText } from '#test/config/support.ts';

const signal = (also: Partial<Signal> = {}): Signal => ({
  ...{ level: 1, rest: 1, edges: 2, presses: 1, press: { atMs: 1000, ms: 300 }, isNoise: false },
  ...also,
});
const line = (also: Partial<LineView> = {}): LineView => ({
  ...{ chip: 'gpiochip0', label: 'it87_gpio', offset: 12, name: '', state: 'watched', by: null },
  ...{ isPolled: false, signal: signal() },
  ...also,
});
const port = (also: Partial<PortView> = {}): PortView => ({
  ...{ path: '/dev/serial/by-id/usb-box', device: '/dev/ttyUSB0', state: 'watched', by: null },
  ...{ baud: 9600, bytes: 0, frames: 0, contacts: [] },
  ...also,
});
const viewOf = (also: Partial<TeachView>): TeachView => ({
  ...{ nowMs: 2000, bias: 'as-is', troubles: [], lines: [], ports: [] },
  ...also,
});

/** What the loader makes of the first find, pasted into a file without inputs. */
function pasted(view: TeachView): { readonly config: Config; readonly text: string } {
  const [found] = findIn(view, new Map());
  const suggestion = found && suggest(found, view);
  const text = suggestion ? yamlOf(suggestion) : '';
  const site = makeSite();
  const rest = rightText.replace(/boxes:\n[\s\S]*?\ndome:/, 'dome:');
  site.write('gate-agent.yaml', `${rest}${text}`);
  return { config: loadConfig(site.request), text };
}
const inputOf = (view: TeachView) => pasted(view).config.gpio?.inputs[0];

describe('a line', () => {
  test.each([
    ['high at rest', 'as-is', 1, { contact: 'no', bias: 'pull-up' }],
    ['low at rest', 'as-is', 0, { contact: 'nc', bias: 'as-is' }],
    ['high against our pull-up: open', 'pull-up', 1, { contact: 'no', bias: 'pull-up' }],
    ['low against our pull-up: closed', 'pull-up', 0, { contact: 'nc', bias: 'pull-up' }],
    ['low with our pull-down: open', 'pull-down', 0, { contact: 'no', bias: 'pull-down' }],
    ['high against our pull-down: closed', 'pull-down', 1, { contact: 'nc', bias: 'pull-down' }],
    ['high, no bias', 'none', 1, { contact: 'no', bias: 'none' }],
  ] as const)('%s', (_, bias, rest, expected) => {
    const view = viewOf({ bias, lines: [line({ signal: signal({ rest, level: rest }) })] });
    expect(inputOf(view)).toMatchObject({ ...expected, kind: 'emergency' });
  });

  test('by its name where only it has that, else by chip and offset', () => {
    const named = line({ name: 'GPIO #5: yes', offset: 5 });
    expect(inputOf(viewOf({ lines: [named] }))).toMatchObject({
      ...{ line: 'GPIO #5: yes', chip: null, offset: null },
    });
    const twin = line({ name: 'GPIO #5: yes', chip: 'gpiochip1', label: 'cp2112', signal: null });
    expect(inputOf(viewOf({ lines: [named, twin] }))).toMatchObject({
      ...{ line: null, chip: 'it87_gpio', offset: 5 },
    });
    const same = line({ chip: 'gpiochip1', signal: null });
    expect(inputOf(viewOf({ lines: [line(), same] }))).toMatchObject({ chip: 'gpiochip0' });
  });

  test.each([
    ['as-is', 1],
    ['pull-down', 0],
  ] as const)('both contacts of a button, %s', (bias, open) => {
    const closed = open === 1 ? 0 : 1;
    const make = line({ name: 'make', signal: signal({ rest: open }) });
    const brk = line({ name: 'break', offset: 13, signal: signal({ rest: closed }) });
    expect(inputOf(viewOf({ bias, lines: [brk, make] }))).toMatchObject({
      ...{ line: 'make', contact: 'pair', pair: { line: 'break' }, bias },
    });
  });
});

describe('a serial port', () => {
  const contact = (on: 'box' | 'modem', name: string, also?: Partial<Signal>) => ({
    ...{ on, name, signal: signal(also) },
  });
  test('a button box, with its speed and all its inputs, before and after a press', () => {
    const rest = { rest: 0, presses: 0, press: null } as const;
    for (const pressed of [rest, {}]) {
      const contacts = [contact('box', '1', rest), contact('box', '16', pressed)];
      const view = viewOf({ ports: [port({ frames: 3, contacts })] });
      const { config, text } = pasted(view);
      expect(config.boxes).toMatchObject([
        {
          ...{ id: 'box-1', path: '/dev/serial/by-id/usb-box', baud: 9600 },
          inputs: { 1: { id: 'button-1' }, 16: { id: 'button-2', kind: 'emergency' } },
        },
      ]);
      expect(text).toContain('\n      16:\n');
    }
  });

  test.each([
    [0, 'no'],
    [1, 'nc'],
  ] as const)('a contact on DSR that rests at %i: %s', (rest, wiring) => {
    const view = viewOf({ ports: [port({ contacts: [contact('modem', 'dsr', { rest })] })] });
    const [modem] = pasted(view).config.modems;
    expect(modem).toMatchObject({ path: '/dev/serial/by-id/usb-box' });
    expect(modem?.inputs.dsr).toMatchObject({ id: 'button-1', contact: wiring });
  });
});

test('what the configuration has is found, not suggested; its ids are not given again', () => {
  const used = line({ state: 'configured', by: 'button-1', name: 'desk' });
  const free = line({ name: 'wall', offset: 3, signal: signal({ press: { atMs: 1, ms: 100 } }) });
  const view = viewOf({ lines: [used, free] });
  const [first, second] = findIn(view, new Map());
  expect([first, second].map((one) => one && suggest(one, view))).toMatchObject([
    null,
    { config: { gpio: { inputs: [{ id: 'button-2', line: 'wall' }] } } },
  ]);
});

test('a press before the first look, and one on noise, are not found', () => {
  const old: Found[] = findIn(viewOf({ lines: [line()] }), new Map([['gpiochip0:12', 1]]));
  const noise = findIn(viewOf({ lines: [line({ signal: signal({ isNoise: true }) })] }), new Map());
  expect([...old, ...noise]).toEqual([]);
});

// What people and scripts see of a teach-in: in place on a terminal, changes without one, data for scripts.

import { expect, test } from 'vitest';
import { JsonScreen, type Screen, TerminalScreen, TextScreen } from '#agent/teach/screen.ts';
import type { TeachView } from '#agent/teach/view.ts';
import { lineRoom } from './support.ts';

/** The screen and what it has written, frame by frame. */
function shown(make: (out: (text: string) => void) => Screen) {
  const frames: string[] = [];
  const screen = make((text) => void frames.push(text));
  const show = (view: TeachView): string => {
    const before = frames.length;
    screen.show(view);
    return frames.slice(before).join('');
  };
  return { screen, show, frames };
}

const names = Array.from({ length: 40 }, (_, n) => `line-${n}`);
/** At rest, pressed and let go. */
async function story(): Promise<{ rest: TeachView; pressed: TeachView }> {
  const { chip, watch, press } = lineRoom(names);
  chip.line('line-1').holder = 'reset';
  const rest = await watch(1000);
  return { rest, pressed: await press('line-30') };
}
/** Columns as a terminal counts them. */
const columnsOf = (line: string): number =>
  [...line].reduce((sum, char) => sum + (char > '\u2e7f' ? 2 : 1), 0);
const csi = new RegExp(`${String.fromCharCode(27)}\\[[0-9]*[A-Z]`, 'g');
const plain = (frame: string): string => frame.replaceAll(csi, '').replaceAll('\r', '');

test('a terminal: drawn in place, nothing wider or higher than it is', async () => {
  const { rest, pressed } = await story();
  const { screen, show, frames } = shown(
    (out) => new TerminalScreen(out, () => ({ columns: 60, rows: 24 })),
  );
  const first = show(rest);
  const lines = plain(first).split('\n').slice(0, -1);
  expect(lines[0]).toContain('请按一下按钮');
  expect(lines.length).toBeLessThanOrEqual(23);
  expect(Math.max(...lines.map(columnsOf))).toBeLessThanOrEqual(59);
  expect(plain(first)).toContain('more 其余未显示');
  const second = show(pressed);
  expect(second.startsWith(`\x1b[${lines.length}A\r`)).toBe(true);
  expect(plain(second)).toMatch(/gpiochip0 30 line-30 \(sim\) +0 +2 +pressed 按下 1x {2}300/);
  expect(plain(second)).toContain('- id: button-1');
  expect(plain(second).split('\n').length).toBeLessThanOrEqual(24);
  screen.end();
  expect(plain(frames.at(-1) ?? '')).toMatch(
    /^1\. gpiochip0 30[\s\S]*line: line-30\n[\s\S]*bias: as-is\n$/,
  );
});

test('without a terminal: every line once, then changes, and what to paste', async () => {
  const { rest, pressed } = await story();
  const { show, frames } = shown((out) => new TextScreen(out));
  expect(frames).toHaveLength(1);
  expect(show(rest)).toContain('gpiochip0 1 line-1 (sim)  -  busy 占用: reset\n');
  expect(show(rest)).toBe('');
  const news = show(pressed);
  expect(news.split('\n')[0]).toBe('gpiochip0 30 line-30 (sim)  0  2  pressed 按下 1x  300 ms');
  expect(news).toContain('\ngpio:\n  inputs:\n    - id: button-1\n');
  expect(show(pressed)).toBe('');
});

test('as JSON: the same, one object a line', async () => {
  const { rest, pressed } = await story();
  const { show } = shown((out) => new JsonScreen(out));
  const parsed = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  const first = parsed(show(rest));
  expect(first).toHaveLength(names.length);
  expect(first[1]).toMatchObject({ kind: 'line', name: 'line-1', state: 'busy', by: 'reset' });
  const [line, found, ...more] = parsed(show(pressed));
  expect(line).toMatchObject({ kind: 'line', name: 'line-30', signal: { presses: 1 } });
  expect(found).toMatchObject({
    kind: 'found',
    found: [
      { what: 'line', press: { ms: 300 }, config: { gpio: { inputs: [{ line: 'line-30' }] } } },
    ],
  });
  expect(found.found[0].yaml).toContain('line: line-30');
  expect(more).toEqual([]);
});

test('noise and a box that goes on speaking are told once', async () => {
  const { rest } = await story();
  const { show } = shown((out) => new TextScreen(out));
  const noisy = (edges: number): TeachView => ({
    ...rest,
    lines: rest.lines.slice(0, 1).map((line) => ({
      ...line,
      signal: line.signal && { ...line.signal, isNoise: true, edges },
    })),
    ports: [
      {
        ...{ path: '/dev/ttyS1', device: '/dev/ttyS1', state: 'watched', by: null, baud: 9600 },
        ...{ bytes: edges, frames: edges, contacts: [] },
      },
    ],
  });
  expect(show(noisy(100))).toContain('noise: never at rest');
  expect(show(noisy(200))).toBe('');
});

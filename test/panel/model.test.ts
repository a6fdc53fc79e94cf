// What the panel's page makes of a view: the word and how it may be broken, the steps of the ladder, and
// that no rhythm of the lamp on it flashes more than three times a second.

import { describe, expect, test } from 'vitest';
import { marks } from '#agent/core/mark.ts';
import type { LampTarget } from '#agent/core/target.ts';
import { faces, linkDownFace } from '#agent/lamp/faces.ts';
import { signalOf } from '#agent/lamp/patterns.ts';
import { lampWord, panelLimits } from '#agent/panel/api.ts';
import { rungsOf } from '#agent/web/panel/model/ladder.ts';
import { beyond, parted, piecesOf, shownOf } from '#agent/web/panel/model/stage.ts';
import { staleMs } from '#agent/web/panel/stream.ts';
import { gone, idle, linkDown, saying } from './support/views.ts';

const now = 1_790_000_000_000;
const words = lampWord.options;

describe('the word', () => {
  test('what to do about it follows in smaller letters', () => {
    expect(parted('报警未送达,请立即拨打110')).toEqual(['报警未送达', '请立即拨打110']);
    expect(parted('报警未送达,请立即拨打110')).toEqual(['报警未送达', '请立即拨打110']);
    expect(parted('link down; press and call 110 as well')).toEqual([
      'link down',
      'press and call 110 as well',
    ]);
    expect(parted('正常待命')).toEqual(['正常待命', '']);
  });

  test('is broken where people would', () => {
    expect(piecesOf('正常待命')).toEqual(['正常', '待命']);
    expect(piecesOf('平台已收到')).toEqual(['平台', '已收到']);
    expect(piecesOf('已发出')).toEqual(['已发出']);
    expect(piecesOf('终端程序无应答')).toEqual(['终端程序', '无应答']);
    expect(piecesOf('not delivered')).toEqual(['not', 'delivered']);
  });

  test('the advice does not say it again', () => {
    expect(beyond('报警未送达,请立即拨打110', '报警未送达,请立即拨打110')).toBe('');
    const cut = '网络中断,按下按钮后请同时拨打110';
    expect(beyond(cut, '按下按钮后请同时拨打110;通知安装人员')).toBe('通知安装人员');
    expect(beyond('正常待命', '无需操作')).toBe('无需操作');
  });

  test('no part of any word is lost', () => {
    for (const { zh, en } of [...Object.values(faces), linkDownFace])
      for (const said of [zh, en]) {
        const [head, tail] = parted(said);
        expect(said.startsWith(head) && said.endsWith(tail)).toBe(true);
        expect(piecesOf(head).join('')).toBe(head.replaceAll(' ', ''));
      }
  });
});

describe('the stage', () => {
  test('a link that is down is told while nothing else is', () => {
    const view = { ...idle(now), ...linkDown(now) };
    expect(shownOf(view)).toMatchObject({ sign: 'link-down', tone: 'warn' });
    const pressed = { ...view, ...saying('stored', now) };
    expect(shownOf({ ...pressed, lamp: { ...pressed.lamp, linkDown: true } }).sign).toBe('stored');
  });

  test('a daemon that does not answer is no state of the lamp', () => {
    const view = { ...idle(now), ...saying('taken', now), ...gone(now) };
    expect(shownOf(view)).toMatchObject({ sign: 'unknown', tone: 'unknown', lamp: null });
    // Whatever word it had left behind.
    const old = { ...idle(now), ...saying('taken', now), daemon: false };
    expect(shownOf(old)).toMatchObject({ sign: 'unknown', lamp: null });
  });
});

describe('the ladder', () => {
  const states = (word: (typeof words)[number]) => rungsOf(word)?.map(({ state }) => state[0]);

  test('steps up to the word are reached, never one more', () => {
    expect(states('ready')).toBeUndefined();
    expect(states('unstored')?.join('')).toBe('oooooo');
    expect(states('sent')?.join('')).toBe('rnoooo');
    // Whether anybody took it or talked before its end is not known from the word.
    expect(states('resolved')).toBeUndefined();
  });

  test('not delivered: nothing is claimed, and what did not come is named', () => {
    expect(states('undelivered')?.join('')).toBe('oobooo');
  });
});

test('a silence is told within 5 s, and two beats of the server fit into it', () => {
  expect(staleMs).toBeLessThan(5_000);
  expect(staleMs).toBeGreaterThan(2 * panelLimits.beatMs);
});

test('no rhythm flashes more than three times a second', () => {
  const targets = words.flatMap((word) =>
    [true, false].flatMap((fault) =>
      [null, ...marks].flatMap((mark) =>
        [true, false].map(
          (linkDown): LampTarget => ({ word, silent: null, fault, linkDown, mark }),
        ),
      ),
    ),
  );
  for (const target of targets) {
    const { lamp } = signalOf(target);
    const segments = lamp
      .split('.')
      .map((one) => ({ lit: one[0] !== '-', ms: Number(one.slice(1)) }));
    // Two rounds, so that the end of one meets the beginning of the next.
    let at = 0;
    let wasLit = segments.at(-1)?.lit ?? false;
    const begins: number[] = [];
    for (const { lit, ms } of [...segments, ...segments]) {
      if (lit && !wasLit) begins.push(at);
      wasLit = lit;
      at += ms;
    }
    const most = Math.max(
      0,
      ...begins.map((from) => begins.filter((b) => b >= from && b < from + 1_000).length),
    );
    expect(most, `${target.word}: ${lamp}`).toBeLessThanOrEqual(3);
  }
});

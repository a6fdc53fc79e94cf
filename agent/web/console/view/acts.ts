// Everything that a dispatcher can do with a key or a button, as data: the key stands on the button. Which
// case it is about is the one in hand.

import type { Velocity } from '../../client/stick.ts';
import type { Desk } from '../desk/desk.ts';
import type { Case } from '../model/case.ts';
import { type Text, t } from '../texts.ts';
import type { Ui } from './ui.ts';

export interface Act {
  /** As `KeyboardEvent.key` has it, small. */
  readonly key: string;
  readonly text: () => string;
  readonly can: () => boolean;
  readonly press: () => void;
  /** Held down for as long as it is to last. */
  readonly release?: () => void;
  /** It is on. */
  readonly on?: () => boolean;
}

/** Ends of a case, by the number that chooses them. */
export const reasons = [
  'handled',
  'false-alarm',
  'passed-on',
  'drill-done',
  'tested',
  'other',
] as const satisfies Text[];

const speed = 0.6;
const turns: readonly (readonly [key: string, text: Text, velocity: Velocity])[] = [
  ['arrowleft', 'left', { pan: -speed }],
  ['arrowright', 'right', { pan: speed }],
  ['arrowup', 'up', { tilt: speed }],
  ['arrowdown', 'down', { tilt: -speed }],
  ['+', 'closer', { zoom: speed }],
  ['-', 'wider', { zoom: -speed }],
];

export type Acts = ReturnType<typeof actsOf>;

export function actsOf(desk: Desk, ui: Ui) {
  const { hand, calls, watch } = desk;
  const now = (): Case | null => hand.current.value;
  const has = (): boolean => now() !== null;
  const withCase = (act: (one: Case) => void) => () => {
    const one = now();
    if (one) act(one);
  };
  return {
    ...answering(desk, now, withCase),
    next: {
      ...{ key: 'n', text: () => t('next'), can: () => watch.cases.value.length > 0 },
      press: () => hand.next(),
    },
    ...lights(desk, now, withCase),
    makeReal: {
      ...{ key: 'x', text: () => t('makeReal') },
      can: () => (now()?.mark ?? null) !== null && desk.may('make-real'),
      press: withCase((one) => void desk.makeReal(one)),
    },
    window: windowAct(desk, ui),
    resolve: {
      ...{ key: 'r', text: () => t('resolve'), can: () => has() && desk.may('resolve') },
      press: withCase(({ id }) => ui.beginResolve(id)),
    },
    ...ends(desk, ui, now),
    hear: {
      ...{ key: 's', can: has, on: () => ui.gateSound.value },
      text: () => t(ui.gateSound.value ? 'muteGate' : 'hearGate'),
      press: () => {
        ui.gateSound.value = !ui.gateSound.value;
      },
    },
    ...sticks(desk, now, withCase),
    talkKey: {
      ...{ key: ' ', text: () => t('hold') },
      can: () => calls.active.value !== null && calls.mode.value === 'hold',
      press: () => calls.hold(true),
      release: () => calls.hold(false),
    },
  } satisfies { readonly [name: string]: Act };
}

/** Of the terminal that is looked at, or of the case in hand. To close one is never wrong: the next press is
 * real. To open one is asked for in a form. */
function windowAct(desk: Desk, ui: Ui): Act {
  const { hand, windows } = desk;
  const terminal = () => hand.terminal.value ?? hand.current.value?.terminal ?? null;
  const open = () => windows.of(terminal() ?? '');
  const isMine = () => windows.mine.some((mark) => mark === open()?.mark);
  const mayOpen = () => hand.terminal.value !== null && windows.mine.length > 0;
  return {
    key: 'd',
    text: () => t(open() ? 'windowEnd' : 'windowBegin'),
    can: () => (open() ? isMine() : mayOpen()),
    press: () => {
      const id = terminal();
      if (id === null) return;
      if (open()) void windows.end(id);
      else ui.windowing.value = id;
    },
  };
}

type Now = () => Case | null;
type WithCase = (act: (one: Case) => void) => () => void;

function answering(desk: Desk, now: Now, withCase: WithCase) {
  const { calls } = desk;
  const isOn = () => calls.active.value !== null;
  const hasFloor = () => calls.active.value?.floor.value?.yours === true;
  const isAsked = () => (calls.active.value?.floor.value?.asking.length ?? 0) > 0;
  const isHere = () => calls.active.value?.terminal === now()?.terminal;
  const isHeld = () => !isHere() && calls.all.value.has(now()?.terminal ?? '');
  return {
    answer: {
      key: 'a',
      text: () => t(isHeld() ? 'resume' : 'answer'),
      can: () => now() !== null && !(isOn() && isHere()) && desk.may('session.offer'),
      press: withCase((one) => {
        calls.answer(one);
        if (desk.may('take') && !one.taken)
          void desk.tryTo(one.terminal, 'take', { incident: one.id });
      }),
    },
    take: {
      ...{ key: 't', text: () => t('take') },
      can: () => now() !== null && !now()?.taken && desk.may('take'),
      press: withCase(({ terminal, id }) => void desk.tryTo(terminal, 'take', { incident: id })),
    },
    hangUp: { key: 'e', text: () => t('hangUp'), can: isOn, press: () => calls.hangUp() },
    mode: {
      ...{ key: 'm', can: () => true, on: () => calls.mode.value === 'open' },
      text: () => t(calls.mode.value === 'open' ? 'mute' : 'open'),
      press: () => calls.switchMode(),
    },
    floor: {
      key: 'f',
      text: () => t(hasFloor() ? (isAsked() ? 'floorGive' : 'floorLeave') : 'floorAsk'),
      can: isOn,
      press: () => (hasFloor() ? calls.passFloor() : void calls.wantFloor()),
    },
  };
}

function lights(desk: Desk, now: Now, withCase: WithCase) {
  const light = (what: 'strobe' | 'siren', key: string): Act => {
    const isOff = () => desk.lights.isOff(now()?.terminal ?? '', what);
    return {
      ...{ key, on: () => !isOff(), can: () => now() !== null && desk.may(`${what}-off`) },
      text: () => t(isOff() ? `${what}On` : `${what}Off`),
      press: withCase(({ terminal }) => void desk.lights.toggle(terminal, what)),
    };
  };
  return { strobe: light('strobe', 'l'), siren: light('siren', 'i') };
}

/** The number of each end works while the ends are to be seen. */
function ends(desk: Desk, ui: Ui, now: Now) {
  const isOpen = () => ui.resolving.value !== null && ui.resolving.value === now()?.id;
  const end = (reason: (typeof reasons)[number], n: number): Act => ({
    ...{ key: String(n + 1), text: () => t(reason), can: isOpen },
    press: () => {
      const one = now();
      if (!one || !isOpen()) return;
      const note = ui.note.value;
      ui.endResolve();
      ui.note.value = '';
      void desk.resolve(one, reason, note);
    },
  });
  return {
    end1: end('handled', 0),
    end2: end('false-alarm', 1),
    end3: end('passed-on', 2),
    end4: end('drill-done', 3),
    end5: end('tested', 4),
    end6: end('other', 5),
    back: {
      ...{ key: 'escape', text: () => t('back'), can: isOpen },
      press: () => ui.endResolve(),
    },
  };
}

function sticks(desk: Desk, now: Now, withCase: WithCase) {
  const can = () => now() !== null && desk.may('stick.take');
  const turn = (n: number): Act => {
    const [key, text, velocity] = turns[n] ?? ['', 'left', {}];
    return {
      ...{ key, text: () => t(text), can },
      press: withCase(({ terminal }) => desk.sticks.move(terminal, velocity)),
      release: withCase(({ terminal }) => desk.sticks.stop(terminal)),
    };
  };
  const isMine = () => desk.sticks.mine.value.has(now()?.terminal ?? '');
  return {
    left: turn(0),
    right: turn(1),
    up: turn(2),
    down: turn(3),
    closer: turn(4),
    wider: turn(5),
    home: {
      ...{ key: 'h', text: () => t('home'), can },
      press: withCase(({ terminal }) => desk.sticks.do(terminal, { op: 'home' })),
    },
    stick: {
      ...{ key: 'g', can, on: isMine },
      text: () => t(isMine() ? 'stickGive' : 'stickTake'),
      press: withCase(({ terminal }) => desk.sticks.takeOrGive(terminal)),
    },
  };
}

// From what the daemon tells to what the page shows: words in both languages, and what to do now.

import type { ArmedView, LocalView } from '../local/words.ts';
import type { GuardView, InputsView, PanelWord, Text, urgencies } from './api.ts';
import * as words from './words.ts';

export interface Known {
  /** As it was last; null: never. */
  readonly view: LocalView | null;
  /** The daemon has answered just now. */
  readonly answers: boolean;
  readonly nowWallMs: number;
  /** Since when the big word has been what it is, where the daemon does not say. */
  readonly wordSinceWallMs: number;
}

interface Advice {
  readonly urgency: (typeof urgencies)[number];
  readonly text: Text;
}

export function guardViewOf({ view, answers, nowWallMs, wordSinceWallMs }: Known): GuardView {
  const armed = view?.armed ?? null;
  const word = answers && armed ? armed.lamp.word : null;
  return {
    nowWallMs: Math.round(nowWallMs),
    clock: answers && view ? view.clock : 'unknown',
    daemon: answers,
    terminal: {
      id: armed?.terminal ?? null,
      ...{ school: armed?.school ?? '', gate: armed?.gate ?? '' },
      version: view?.version ?? '',
      armed: armed !== null,
    },
    lamp: {
      word,
      text: bigWord(word, answers, armed),
      sinceWallMs: Math.round((word && armed?.lamp.sinceWallMs) || wordSinceWallMs),
      mark: armed?.lamp.mark ?? null,
      fault: (armed?.faults.length ?? 0) > 0,
      linkDown: !armed?.online,
    },
    advice: adviceOf(word, answers, armed),
    link: { up: answers && armed?.online === true, text: words.linkText(armed?.online === true) },
    faults: faultsOf(armed),
    callers: (armed?.callers ?? []).map(({ role, user, speaks, sinceWallMs }) => ({
      ...{ text: words.callerText(role, user), speaks, sinceWallMs: Math.round(sinceWallMs) },
    })),
    alarms: (armed?.alarms ?? []).map((alarm) => ({
      ...alarm,
      kindText: words.kindText(alarm.kind),
      stepText: words.stepText(alarm.step),
      raisedWallMs: Math.round(alarm.raisedWallMs),
      resolvedWallMs: alarm.resolvedWallMs === null ? null : Math.round(alarm.resolvedWallMs),
    })),
    window: windowOf(armed),
    lights: armed?.lights ?? null,
    muted: armed?.muted ?? false,
    mayClaim: armed?.mayClaim ?? false,
  };
}

function bigWord(word: PanelWord | null, answers: boolean, armed: ArmedView | null): Text {
  if (!answers) return words.lampTexts.silent;
  return word === null ? words.lampTexts.unarmed : words.lampText(word, !armed?.online);
}

function faultsOf(armed: ArmedView | null): GuardView['faults'] {
  return (armed?.faults ?? [])
    .map((one) => ({ ...one, ...words.faultWords(one.fault) }))
    .sort((a, b) => a.rank - b.rank || a.sinceWallMs - b.sinceWallMs)
    .map(({ rank: _, ...one }) => ({ ...one, sinceWallMs: Math.round(one.sinceWallMs) }));
}

function windowOf(armed: ArmedView | null): GuardView['window'] {
  if (!armed?.window) return null;
  const { mark, role, user, sinceWallMs, untilWallMs } = armed.window;
  return {
    ...{ mark, text: words.markText(mark), by: words.callerText(role, user).zh.trim() },
    ...{ sinceWallMs: Math.round(sinceWallMs), untilWallMs: Math.round(untilWallMs) },
  };
}

const advice = (urgency: Advice['urgency'], text: Text): Advice => ({ urgency, text });

function adviceOf(word: PanelWord | null, answers: boolean, armed: ArmedView | null): Advice {
  const { advices } = words;
  if (!answers) return advice('look', advices.silent);
  if (word === null || !armed) return advice('look', advices.unarmed);
  const { mark } = armed.lamp;
  // Nobody is to call 110 because of a drill.
  if (mark && word !== 'talking') return advice('watch', advices[mark]);
  switch (word) {
    case 'undelivered':
      return advice('call-110', advices.undelivered);
    case 'unstored':
    case 'stored':
    case 'sent':
      return armed.online ? advice('watch', advices.sending) : advice('call-110', advices.noLink);
    case 'received':
    case 'seen':
    case 'taken':
    case 'talking':
    case 'resolved':
      return advice('watch', advices[word]);
    case 'ready':
      if (!armed.online) return advice('look', advices.linkDown);
      return armed.faults.length > 0 ? advice('look', advices.fault) : advice('none', advices.none);
  }
}

export const inputsViewOf = (view: LocalView | null): InputsView => ({
  inputs: (view?.armed?.inputs ?? []).map((input) => ({
    ...input,
    contactText: words.contactTexts[input.contact ?? 'none'],
  })),
});

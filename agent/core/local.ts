// What people at the terminal itself ask for, by the panel's process over control.sock. Whoever has the PIN
// may, and a silent case is never to be read out of an answer: what would be refused because of one is
// played instead. A duress PIN is a silent press; all else that it does looks as with the right one.

import type { TestPart, WindowAsked } from './command.ts';
import type { Draft } from './draft.ts';
import type { FactOf } from './fact.ts';
import { clearFault, raiseFault } from './fault.ts';
import {
  claimFalseAlarm,
  duressPressed,
  isSilent,
  openIncidents,
  resetLocally,
} from './incident.ts';
import { startLocalJob } from './job.ts';
import { whyNoTest } from './obey.ts';
import { keepOutcome } from './outcome.ts';
import { type Outcome, Refused } from './refused.ts';
import { localRole } from './service.ts';
import type { Incident, State, Window } from './state.ts';
import { closeWindow, endWallMs, openWindow, windowDue, windowShown } from './windows.ts';

/** `guessing`: so many wrong PINs of late; 0: that is over. `from`: an address. */
export type LocalAct =
  | { readonly do: 'sign-in'; readonly from: string }
  | { readonly do: 'guessing'; readonly wrong: number }
  | { readonly do: 'sign-out' | 'false-alarm' | 'reset' | 'mute' | 'window.close' | 'restart' }
  | { readonly do: 'test'; readonly part: TestPart }
  | { readonly do: 'window.open'; readonly window: WindowAsked };

export interface LocalAsked {
  /** Of this asking; its outcome is kept under it for a moment. */
  readonly id: string;
  /** As they called themselves. */
  readonly user: string;
  /** In a session that was opened with the duress PIN. */
  readonly duress: boolean;
  readonly act: LocalAct;
}

/** Takes a `local.asked` fact. */
export function localAsked(draft: Draft, asked: FactOf<'local.asked'>): void {
  const outcome = effect(draft, asked);
  if (outcome !== 'later') keepOutcome(draft, asked.id, outcome);
}

function effect(draft: Draft, { id, user, duress, act }: LocalAsked): Outcome | 'later' {
  const by = { role: localRole, user };
  switch (act.do) {
    case 'sign-in':
      if (duress) duressPressed(draft);
      return {};
    case 'sign-out':
      return {};
    case 'guessing':
      if (act.wrong === 0) clearFault(draft, 'panel.guessing');
      else raiseFault(draft, 'panel.guessing', guessing(act.wrong));
      return {};
    case 'false-alarm':
      return { alarms: claimFalseAlarm(draft, by) };
    case 'reset':
      if (duress) duressPressed(draft);
      resetLocally(draft, by);
      return {};
    case 'mute':
      draft.patchLive({ local: { ...draft.live.local, muted: heardOf(draft.state) } });
      return {};
    case 'test': {
      const no = whyNoTest(draft, act.part, loud(draft.state).filter(isInHand).length);
      return no ?? startLocalJob(draft, id, act.part);
    }
    case 'window.open':
      return open(draft, act.window, { ...by, isPlayed: duress });
    case 'window.close':
      return close(draft, by);
    case 'restart':
      return loud(draft.state).length > 0
        ? new Refused('incident-open', 'nothing is restarted while an alarm is open')
        : {};
  }
}

const guessing = (wrong: number): string =>
  `${wrong} wrong PINs at the panel within an hour: somebody is guessing. Look who stands there`;

const isInHand = ({ mark }: Incident): boolean => mark !== 'service';

const loud = ({ durable }: Pick<State, 'durable'>): Incident[] =>
  openIncidents(durable).filter((incident) => !isSilent(incident));

// ---- windows ------------------------------------------------------------------------------------

interface Opener {
  readonly role: string;
  readonly user: string;
  readonly isPlayed: boolean;
}

function open(draft: Draft, asked: WindowAsked, { isPlayed, ...by }: Opener): Outcome {
  windowDue(draft);
  if (loud(draft.state).length > 0)
    return new Refused('incident-open', 'an alarm is open; it has to be resolved first');
  const shown = windowShown(draft.live, draft.now);
  if (shown) return new Refused('busy', `a window is open (${shown.mark}); close it first`);
  const { mark, minutes, siren } = asked;
  if (!isPlayed && openIncidents(draft.durable).length === 0)
    return openWindow(draft, { mark, minutes, siren }, by);
  // As one that a silent case has ended: shown, and presses are real.
  const veil: Window = { mark, minutes, siren, ...by, since: draft.at };
  draft.patchLive({ veil });
  return { mark, untilWallMs: endWallMs(veil) };
}

function close(draft: Draft, by: Omit<Opener, 'isPlayed'>): Outcome {
  draft.patchLive({ veil: null });
  return closeWindow(draft, { mark: null }, by);
}

// ---- sound --------------------------------------------------------------------------------------

/** What buzzer and loudspeaker say of: another step, another case or another press is another one. */
const heardOf = (state: State): string =>
  loud(state)
    .map((incident) => {
      const { id, presses, undelivered, seen, taken, sent, received, talking } = incident;
      const steps = [sent, received, undelivered, seen, taken].map((step) => (step ? 1 : 0));
      return `${id}/${presses}/${steps.join('')}${talking ? 1 : 0}`;
    })
    .join(' ');

/** Buzzer and prompts are to be silent until the next event (PEOPLE.md). */
export const isMuted = (state: State): boolean =>
  state.live.local.muted !== null && state.live.local.muted === heardOf(state);

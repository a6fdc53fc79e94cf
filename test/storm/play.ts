// Plays a story: each action upon the storm, the laws after each, then mending and the last look.

import type { Mark } from '#agent/core/mark.ts';
import { type Action, nth, type StormStory } from './action.ts';
import { type Expected, type Sent, wrongAnswer } from './commands.ts';
import { guardKeys } from './hands.ts';
import { Storm } from './storm.ts';

export interface Breach {
  /** Index of the action after which it was seen; the number of actions for the end. */
  readonly at: number;
  readonly what: readonly string[];
}

/** Null where every law held. */
export async function play(story: StormStory): Promise<Breach | null> {
  const storm = new Storm(story);
  const seen = (at: number): Breach | null =>
    storm.breaches.length > 0 ? { at, what: [...new Set(storm.breaches)] } : null;
  await storm.start();
  for (const [at, action] of story.actions.entries()) {
    await act(storm, action);
    await storm.settle();
    storm.check();
    const breach = seen(at);
    if (breach) return breach;
  }
  await mend(storm);
  storm.checkEnd();
  const breach = seen(story.actions.length);
  if (breach) return breach;
  await resolveAll(storm);
  storm.checkEnd();
  return seen(story.actions.length + 1);
}

async function act(storm: Storm, action: Action): Promise<void> {
  const { hands, line, dome, clock, story } = storm;
  switch (action.do) {
    case 'press':
    case 'burst':
    case 'chatter':
    case 'hold':
    case 'release':
      return useButton(storm, action);
    case 'wiring': {
      const button = nth(story.buttons, action.button);
      if (button) hands.wiring(button, action.to);
      // A bare line that changes is debounced, whatever the change.
      return storm.passes(60);
    }
    case 'guard': {
      const key = guardKeys[action.key];
      hands.box.press(key);
      await storm.passes(100);
      return hands.box.release(key);
    }
    case 'cable':
      return hands.cable(action.to);
    case 'box-restart':
      return hands.boxRestarts();
    case 'link':
      await line.link(action.to);
      await storm.settle();
      return lateCommands(storm);
    case 'acks':
      line.acksGiven = action.to === 'given';
      return;
    case 'receipts':
      return line.receiptsBecome(action.to);
    case 'command':
      return command(storm, action);
    case 'window':
      return openWindow(storm, action.mark);
    case 'disk':
      storm.store.hanging = action.to === 'hangs';
      return storm.noteWritten();
    case 'disk-fails':
      storm.store.failNext = action.commits;
      return;
    case 'dome':
      storm.disturbed();
      storm.domeThere = action.what === 'lost' ? false : action.what === 'back' || storm.domeThere;
      if (action.what === 'lost') dome.lose();
      else if (action.what === 'back') dome.restore();
      else dome.forget();
      return;
    case 'dome-deaf':
      storm.disturbed();
      dome.withoutEffect += action.commands;
      return;
    case 'kill':
      storm.written = action.written;
      if (!storm.life) return;
      if (action.at === 'now') storm.life.dead = true;
      else storm.life.diesAt(action.at);
      return;
    case 'reboot':
      storm.written = action.written;
      return storm.reboot();
    case 'start':
      await storm.start();
      return lateCommands(storm);
    case 'stop':
      return storm.stop();
    case 'ruin':
      storm.store.ruined = true;
      if (storm.life) storm.life.dead = true;
      return;
    case 'clock':
      clock.wallMs += action.byMs;
      return;
    case 'clock-quality':
      clock.quality = action.to;
      // Whoever says good has just asked a time server.
      if (action.to === 'good') clock.wallMs = storm.platformMs;
      return;
    case 'wait':
      return storm.passes(action.ms);
  }
}

type ButtonAction = Extract<Action, { do: 'press' | 'burst' | 'chatter' | 'hold' | 'release' }>;

async function useButton(storm: Storm, action: ButtonAction): Promise<void> {
  const { hands, story } = storm;
  const button = nth(story.buttons, action.button);
  if (!button) return;
  const down = async (ms: number): Promise<void> => {
    hands.press(button);
    await storm.settle();
    await storm.passes(ms);
  };
  const up = async (ms: number): Promise<void> => {
    hands.release(button);
    await storm.settle();
    await storm.passes(ms);
  };
  if (action.do === 'release') return up(100);
  if (hands.held.has(button.id)) await up(100);
  await down(action.do === 'press' ? action.holdMs : 60);
  if (action.do === 'hold') return;
  if (action.do === 'chatter')
    for (let edge = 0; edge < action.edges; edge++) {
      if (edge === 0) await storm.passes(60);
      hands.bounce(button, edge % 2 === 0 ? 'normal' : 'pressed');
      await storm.passes(2);
    }
  await up(70);
  for (let n = 1; action.do === 'burst' && n < action.times; n++) {
    await down(60);
    await up(70);
  }
}

async function command(storm: Storm, action: Action & { do: 'command' }): Promise<void> {
  const { dispatchers, clock } = storm;
  const sent = dispatchers.write(action, clock.bootId);
  if (action.flaw === 'late') storm.line.deliverLater(sent);
  else await deliver(storm, sent);
}

async function deliver(storm: Storm, sent: Sent): Promise<void> {
  const { line, life } = storm;
  if (!line.online || !life || life.dead) return;
  const expected: Expected = storm.dispatchers.expect(sent, storm.clock.now());
  if (sent.verb === 'test') storm.disturbed();
  const before = line.replies.length;
  line.deliver(sent.packet);
  await storm.settle();
  // Who dies meanwhile owes no answer; whoever asks again gets one.
  if (storm.life !== life || !line.online) return;
  const answer = line.replies
    .slice(before)
    .find(({ correlation }) => correlation === sent.correlation);
  if (answer) storm.dispatchers.answered(sent, answer.answer, storm.clock.now());
  const wrong = wrongAnswer(expected, answer?.answer);
  if (wrong) storm.breaches.push(wrong);
}

async function lateCommands(storm: Storm): Promise<void> {
  for (const sent of storm.line.takeLate()) await deliver(storm, sent);
}

/** Everything works again, and a minute and a half passes. */
async function mend(storm: Storm): Promise<void> {
  const { hands, line, dome, clock, store, story } = storm;
  storm.life?.spare();
  store.failNext = 0;
  store.hanging = false;
  storm.noteWritten();
  clock.quality = 'good';
  clock.wallMs = storm.platformMs;
  for (const button of story.buttons) hands.release(button);
  if (!hands.cableIn) hands.cable('in');
  dome.withoutEffect = 0;
  dome.restore();
  storm.domeThere = true;
  storm.disturbed();
  line.acksGiven = true;
  line.receiptsBecome('sent');
  await storm.settle();
  await storm.start();
  await line.link('down');
  await storm.settle();
  await line.link('up');
  await storm.settle();
  await storm.passes(90_000);
}

async function openWindow(storm: Storm, mark: Mark): Promise<void> {
  await endAll(storm);
  const opens = { do: 'command', verb: 'window.open', role: '110-city', which: 0 } as const;
  await command(storm, { ...opens, flaw: 'none', mark });
}

async function resolveAll(storm: Storm): Promise<void> {
  await endAll(storm);
  await storm.passes(30_000);
  const { word } = storm.lamp.target ?? {};
  if (word !== 'ready') storm.breaches.push(`all is resolved and the lamp says ${word}`);
  const { strobe, siren } = storm.dome.actuators;
  if (strobe || siren) storm.breaches.push('all is resolved and the dome is not dark');
}

async function endAll(storm: Storm): Promise<void> {
  for (let left = storm.books.openCases().length; left > 0; left--) {
    const ends = {
      do: 'command',
      verb: 'resolve',
      role: '110-city',
      which: 0,
      flaw: 'none',
    } as const;
    await command(storm, ends);
    await storm.settle();
  }
}

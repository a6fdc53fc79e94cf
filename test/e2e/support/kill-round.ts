// One round of the kill test: a button goes down, the daemon is killed at a chosen moment, what it left
// behind tells how far the press had got, everything is mended, the daemon starts, and every press made
// so far must be at the platform, once.

import { rmSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { type Left, lookInto } from './database.ts';
import { type House, inputId } from './house.ts';
import type { Chance } from './random.ts';
import type { Passed, Relay } from './relay.ts';

export const phases = [
  'before commit',
  'committed, not published',
  'published, no PUBACK',
  'PUBACK, no receipt',
  'after receipt',
] as const;
export type Phase = (typeof phases)[number];

export const momentNames = [
  'random',
  'asleep',
  'hanging disk',
  'broker down',
  'held on the way up',
  'held on the way down',
  'receipts held',
] as const;
export type MomentName = (typeof momentNames)[number];

export interface Scene {
  readonly house: House;
  readonly relay: Relay;
  readonly chance: Chance;
  readonly hangFile: string;
}

export interface Killed {
  readonly moment: MomentName;
  readonly afterMs: number;
  readonly phase: Phase;
  readonly words: readonly string[];
  readonly recoveredMs: number;
}

const randomUpToMs = 2_000;
/** After the daemon is armed. */
const strobeWithinMs = 5_000;
const armedWithinMs = 60_000;
const steps = ['stored', 'sent', 'received'];

/** Presses input `number`, kills, looks, mends, starts, and checks. */
export async function killRound(scene: Scene, moment: MomentName, number: number): Promise<Killed> {
  const { house, chance } = scene;
  const { box, daemon, dome } = house.room;
  // Now and then the press comes while the daemon starts. What came before must be settled then, too, or
  // the lamp's *stored* may be of the press of the round before, whose receipt the kill has undone.
  const isSettled = moment !== 'random' || !chance.onceIn(4);
  await settled(scene);
  if (!isSettled) await restart(house);
  const from = box.history.length;
  const release = chance.pick(['soon', 'while dead', 'after the start']);
  const pressedMs = await pressAndWait(scene, moment, number, release === 'soon');
  const afterMs = Math.round(performance.now() - pressedMs);
  await daemon.end('SIGKILL');
  const shown = house.wordsSince(from);
  // A daemon that starts says first how the incidents stand that it has.
  const begin = isSettled ? 0 : shown.indexOf('stored');
  const words = begin < 0 ? [] : shown.slice(begin);
  const left = lookInto(house.dataDir);
  const input = inputId(number);
  const seen = progress(scene, left, input);
  const phase = phaseOf(seen, moment);
  lampToldTheTruth(scene, { seen, words, counted: left.counts.get(input) ?? 0, number });

  if (release === 'while dead') box.release(number);
  await mend(scene, moment);
  if (chance.onceIn(3)) await box.tap(number);
  // A dome that lost its power unnoticed: nobody told the daemon, which was dead.
  if (chance.onceIn(3)) dome.actuators.set('strobe', false);
  const startMs = performance.now();
  if (!daemon.running) daemon.start();
  if (moment === 'broker down' && !house.broker.running) await house.broker.up();
  // How long a process takes to begin is the machine's; from then on it is the terminal's.
  const isArmed = async () => (await house.room.status())?.armed;
  await house.until('the daemon to be armed', isArmed, armedWithinMs);
  await house.until('the strobe to be on', () => dome.actuators.strobe, strobeWithinMs);
  await allTold(house);
  const recoveredMs = Math.round(performance.now() - startMs);
  if (seen.incident) keptItsId(house, input, seen.incident.id);
  box.release(number);
  await box.quiet(number);
  return { moment, afterMs, phase, words, recoveredMs };
}

/** Every press that the box has counted is at the platform, none twice, nothing that breaks the contract. */
export async function allTold(house: House): Promise<void> {
  await house.until(
    'every press at the platform',
    () => house.pressesTold() >= pressesMade(house),
    20_000,
  );
  house.check(
    `${house.pressesTold()} presses told of ${pressesMade(house)} made`,
    house.pressesTold() === pressesMade(house),
  );
  expect(house.room.platform.violations).toEqual([]);
}

export const pressesMade = ({ room: { box } }: House): number =>
  Array.from({ length: box.inputs }, (_, i) => box.presses(i + 1)).reduce((a, b) => a + b, 0);

/** Everything has been told, receipted and committed, and the line is up: the next press is the only
 * thing under way. */
async function settled({ house }: Scene): Promise<void> {
  await house.until('the daemon to be online', async () => (await house.room.status())?.online);
  await house.until('an empty outbox', () => house.outboxEmpty(), 20_000);
  await house.until('a lamp at rest', () => ['received', 'ready', 'resolved'].includes(house.word));
}

async function pressAndWait(
  { house, relay, chance, hangFile }: Scene,
  moment: MomentName,
  number: number,
  releaseSoon: boolean,
): Promise<number> {
  const { box, daemon, platform } = house.room;
  const press = () => {
    box.press(number);
    if (releaseSoon) setTimeout(() => box.release(number), 100);
    return performance.now();
  };
  const from = box.history.length;
  const lampSays = (word: string) =>
    house.until(`the lamp to say ${word}`, () => house.wordsSince(from).includes(word));
  let pressedMs = 0;
  switch (moment) {
    case 'random': {
      // Half of the moments fall into the first quarter of a second, where most happens.
      const afterMs = chance.next() ** 3 * randomUpToMs;
      pressedMs = press();
      if (chance.onceIn(5)) await restartBroker(house);
      await pause(Math.max(0, afterMs - (performance.now() - pressedMs)));
      return pressedMs;
    }
    case 'asleep':
      daemon.signal('SIGSTOP');
      return press();
    case 'hanging disk':
      writeFileSync(hangFile, '');
      pressedMs = press();
      await pause(10 + chance.next() * 100);
      return pressedMs;
    case 'broker down':
      await house.broker.down(chance.pick(['SIGTERM', 'SIGKILL']));
      pressedMs = press();
      await lampSays('stored');
      return pressedMs;
    case 'held on the way up':
      relay.hold('up');
      pressedMs = press();
      await lampSays('stored');
      return pressedMs;
    case 'held on the way down':
      relay.hold('down');
      pressedMs = press();
      await house.until('the alarm at the platform', () =>
        house.raised.some(
          ({ input, incident }) => input === inputId(number) && house.open.includes(incident),
        ),
      );
      return pressedMs;
    case 'receipts held':
      platform.holdReceipts = true;
      pressedMs = press();
      await lampSays('sent');
      return pressedMs;
  }
}

async function mend({ house, relay, chance, hangFile }: Scene, moment: MomentName): Promise<void> {
  rmSync(hangFile, { force: true });
  relay.release();
  if (house.room.platform.holdReceipts) house.room.platform.releaseReceipts();
  if (moment === 'broker down') {
    // It may come back before the daemon or after it.
    if (chance.onceIn(2)) await house.broker.up();
  } else if (chance.onceIn(5)) {
    await restartBroker(house);
  }
}

async function restart({ room: { daemon } }: House): Promise<void> {
  await daemon.end('SIGKILL');
  daemon.start();
}

async function restartBroker({ broker }: House): Promise<void> {
  await broker.down('SIGKILL');
  await broker.up();
}

interface Progress {
  readonly incident: Left['incidents'][number] | undefined;
  readonly published: readonly Passed[];
  readonly acknowledged: boolean;
}

function progress({ relay }: Scene, left: Left, input: string): Progress {
  const incident = left.incidents.find((one) => one.input === input && !one.resolved);
  // Birth names open incidents, too.
  const published = incident
    ? relay.published(`"id":"${incident.id}"`).filter(({ topic }) => topic.endsWith('/alarm'))
    : [];
  return { incident, published, acknowledged: relay.acknowledged(published) };
}

function phaseOf({ incident, published, acknowledged }: Progress, moment: MomentName): Phase {
  if (!incident) return 'before commit';
  if (incident.received) return 'after receipt';
  if (acknowledged) return 'PUBACK, no receipt';
  if (published.length > 0) return 'published, no PUBACK';
  // SQLite had written, and its fsync had not returned: nobody could know that this is there.
  return moment === 'hanging disk' ? 'before commit' : 'committed, not published';
}

/** Rules 1 and 4: what was said is so. */
function lampToldTheTruth(
  { house, relay }: Scene,
  said: { seen: Progress; words: readonly string[]; counted: number; number: number },
): void {
  const { seen, words, counted, number } = said;
  const told = words.filter((word) => steps.includes(word));
  if (told.length > 0) {
    house.check(`the lamp said ${told} and there is no row`, seen.incident !== undefined);
    house.check(`the lamp said ${told} of a press that no row counts`, counted >= 1);
  }
  if (told.includes('sent')) house.check('the lamp said sent without a PUBACK', seen.acknowledged);
  if (told.includes('received')) {
    const has = house.raised.some(({ id }) => id === seen.incident?.id);
    house.check('the lamp said received and the platform has nothing', has);
  }
  if (!seen.incident) {
    const early = relay.published(`"input":"${inputId(number)}"`).filter(isRaised);
    const known = new Set(house.raised.map(({ id }) => id));
    const unknown = early.filter(({ payload }) => ![...known].some((id) => payload.includes(id)));
    house.check('an alarm was told before it was a row', unknown.length === 0);
  }
}

const isRaised = ({ topic, payload }: Passed): boolean =>
  topic.endsWith('/alarm') && payload.includes('"kind":"alarm.raised"');

function keptItsId(house: House, input: string, id: string): void {
  const ids = house.raised
    .filter((alarm) => alarm.input === input && house.open.includes(alarm.incident))
    .map((alarm) => alarm.id);
  house.check(`stored as ${id}, told as ${ids}`, ids.length === 1 && ids[0] === id);
}

// SIGKILL to the media processes while a dispatcher sees and talks: back without a click, judged by what is
// heard and by the counter in the decoded frames. A press in the middle of it does not notice.

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EventMessage } from '#agent/contract.ts';
import { soundIn, soundsOf } from '#test/support/media/film.ts';
import { keyIn, unsealedTorn } from '#test/support/unsealed.ts';
import { PageRoom } from './support/page-room.ts';
import { dispatcherWav, found, Voices } from './support/voices.ts';

/** From SIGKILL to being back in the call, or in the picture. */
const backMs = 4_000;
/** Of a talk: a piece of half a second, what the coder has in hand, and how late a busy machine writes. */
const lostMsMax = 3_000;
const timeout = 240_000;

const clips = { capMb: 512, reserveMb: 512 };
const on = new PageRoom({ media: { sound: 'simulated', clips }, microphone: dispatcherWav });
const voices = new Voices(on);
beforeAll(async () => {
  await on.open();
  await on.press();
  await on.sees('the gate');
  await on.call();
}, 240_000);
afterAll(() => on.close(), 120_000);

async function isBackInTime(what: string, measure: () => Promise<number>): Promise<void> {
  const ms = await on.measured(backMs, measure);
  console.log(`killed -> ${what}: ${Math.round(ms)} ms`);
  expect(ms).toBeLessThan(backMs);
}

/** A frame drawn from now on, and the counter goes on after it. */
async function pictureGoesOn(): Promise<void> {
  const sinceMs = Date.now();
  const { frame } = await on.sees('the gate now', ({ sentMs }) => sentMs > sinceMs);
  await on.sees('later frames', (scene) => scene.frame > frame + 10);
}

async function bothAreHeard(): Promise<void> {
  const there = await voices.fairly('dispatcher', ({ likeness }) => likeness > found);
  expect(there.likeness).toBeGreaterThan(found);
  await on.key('m');
  const back = await voices.fairly('guard', ({ likeness }) => likeness > found);
  expect(back.likeness).toBeGreaterThan(found);
  await on.key('m');
}

test('talk, in mid-talk: either is heard again within 4 s', { timeout }, async () => {
  await voices.fairly('dispatcher', ({ likeness }) => likeness > found);
  const kill = () => on.killMedia('talk');
  await isBackInTime('the dispatcher is heard', () => voices.backAfter('dispatcher', kill));
  await on.key('m');
  await isBackInTime('the guard is heard', () => voices.backAfter('guard', kill));
  await on.key('m');
});

const talks = () =>
  on.room.platform.log.flatMap(({ message }) => {
    const told = message as Partial<EventMessage>;
    return told.kind === 'evidence.stored' && told.what === 'talk' ? [told] : [];
  });

test('what was said until then is kept, and the platform knows of it', { timeout }, async () => {
  await on.until('a talk for each kill', () => talks().length >= 2);
  for (const talk of talks()) {
    expect(talk).toMatchObject({ mended: true, afterMs: null, incidents: [expect.any(String)] });
    expect(talk.lengthMs).toBeGreaterThan(0);
  }
});

test('live: the picture goes on within 4 s', { timeout }, () =>
  isBackInTime('the picture goes on', async () => {
    await pictureGoesOn();
    await on.killMedia('live');
    const killedMs = performance.now();
    await pictureGoesOn();
    return performance.now() - killedMs;
  }),
);

test('both, between a press and its receipt: the alarm does not notice', { timeout }, async () => {
  const { platform } = on.room;
  const before = new Set(platform.alarms.keys());
  // Nobody says *seen* meanwhile, so that the lamp shows each step.
  const letGo = on.hold();
  platform.holdReceipts = true;
  const killed = [await on.mediaPid('talk'), await on.mediaPid('live')];
  await on.key('2');
  const pressedMs = performance.now();
  await on.until('the press', () => !['seen', 'talking'].includes(on.lampWord));
  for (const pid of killed) process.kill(pid, 'SIGKILL');
  const added = () => [...platform.alarms].filter(([id]) => !before.has(id));
  await on.until('the alarm', () => added().length > 0);
  console.log(`press -> platform: ${Math.round(performance.now() - pressedMs)} ms`);
  await on.lampSays('sent');
  platform.releaseReceipts();
  await on.lampSays('received');
  letGo();
  await on.lampSays('seen');
  expect(added().map(([, { kind }]) => kind)).toEqual(['alarm.raised']);
  await pictureGoesOn();
  await bothAreHeard();
  expect(await on.mediaPid('talk')).not.toBe(killed[0]);
  expect(await on.mediaPid('live')).not.toBe(killed[1]);
  expect(platform.violations).toEqual([]);
});

test('the daemon, in mid-talk: the talk on the disk can be played, to its last piece', {
  timeout,
}, async () => {
  const dir = join(on.dir, 'data/clips');
  const open = () => readdirSync(dir).filter((name) => name.endsWith('.m4a.part'));
  await on.until(
    'a talk',
    () => open().length === 1 && statSync(join(dir, open()[0] ?? '')).size > 8_000,
  );
  const [name = ''] = open();
  const killedMs = Date.now();
  await on.room.daemon.end('SIGKILL');
  const kept = await unsealedTorn(join(dir, name), keyIn(join(on.dir, 'data')));
  const tracks = soundsOf(kept);
  expect(tracks.map(({ codec, name: who }) => [codec, who])).toEqual([
    ['opus', 'dispatcher'],
    ['opus', 'gate room'],
  ]);
  // Decoded to its end without a word of complaint.
  for (const track of [0, 1]) expect(soundIn(kept, track, 0).samples.length).toBeGreaterThan(0);
  const [one = 0, other = 9] = tracks.map(({ seconds }) => seconds);
  expect(Math.abs(one - other)).toBeLessThan(0.1);
  on.room.daemon.start();
  const file = name.slice(0, -'.part'.length);
  const told = () => talks().find((talk) => talk.file === file);
  await on.until('the platform to know of it', () => told() !== undefined);
  const { wallMs = 0, lengthMs = 0 } = told() ?? {};
  expect(told()).toMatchObject({ mended: true });
  console.log(
    `of a talk that was cut off: ${Math.round(killedMs - wallMs - lengthMs)} ms are missing`,
  );
  expect(killedMs - wallMs - lengthMs).toBeLessThan(lostMsMax);
});

// Wrong versions of clips, snapshots and their way to the platform.

import { type Wrong, wrong } from './wrong.ts';

const fetch = 'test/clip/fetch.test.ts';
const shelf = 'test/clip/shelf.test.ts';
const sighting = 'test/core/sighting.test.ts';

export const wrongClips: readonly Wrong[] = [
  wrong("a name that leads into the school's network gets the clip", fetch, [
    'agent/media/outward.ts',
    "if (found.some(({ address }) => isInside(own, address))) return done(inside(), '');",
    '',
  ]),
  wrong('a server sends the clip on to a door inside the school', fetch, [
    'agent/media/outward.ts',
    'if (own && isIP(host) !== 0 && isInside(own, host)) throw inside();',
    '',
  ]),
  wrong('an upload that does not ask how far it has got', fetch, [
    'agent/media/clip/upload.ts',
    'await put.send(Buffer.alloc(0),',
    '({ status: 308, has: 0 }) ?? put.send(Buffer.alloc(0),',
  ]),
  wrong('the torn end of a clip is left on it', shelf, [
    'agent/media/clip/mend.ts',
    'await file.cut(whole.bytes);',
    '',
  ]),
  wrong('a mended clip hides what it lacks', shelf, [
    'agent/media/clip/mend.ts',
    'missingMs += Math.max(0, times.startMs - lengthMs);',
    '',
  ]),
  wrong('a held case is deleted', shelf, [
    'agent/media/clip/shelf.ts',
    'one.isSealed && (isBundle(one.name) || !kept.includes(one.incident))',
    'one.isSealed',
  ]),
  wrong('news pushes a case off the disk', shelf, [
    'agent/media/clip/shelf.ts',
    '(isBundle(name) ? 2 : Number(isNews))',
    '(isBundle(name) ? 2 : Number(isNews) * 0)',
  ]),
  wrong('the half minute begins in its middle', 'test/clip/mp4.test.ts', [
    'agent/media/clip/ring.ts',
    'isEnough(this.#groups[1])',
    'isEnough(this.#groups[0])',
  ]),
  wrong('no pictures, and nobody is told', 'test/clip/outages.test.ts', [
    'agent/media/clip/outages.ts',
    'if (isOut && !this.#isOut) this.#tell(sinceMs);',
    '',
  ]),
  wrong('a snapshot is told twice', 'test/core/evidence.test.ts', [
    'agent/core/evidence.ts',
    'if (snapshots.includes(afterMs)) return false;',
    '',
  ]),
  wrong('a picture of everybody who passes', sighting, [
    'agent/core/sighting.ts',
    'tracked.length >= sightingLimits.trackedMax',
    'tracked.length >= 1_000',
  ]),
  wrong('a dome that stares at a tree fills the disk', sighting, [
    'agent/core/sighting.ts',
    'recent.length >= noticedAnHour || ',
    '',
  ]),
  wrong('a dome that trembles has met somebody', 'test/dome/track/roaming.test.ts', [
    'agent/dome/track/roaming.ts',
    'if (stoodMs >= roamingTimes.standsMs) this.#parts.met();',
    'this.#parts.met();',
  ]),
];

// Wrong versions of what is kept of sound: in clips, and of calls.

import { type Wrong, wrong } from './wrong.ts';

const sound = 'test/clip/sound.test.ts';
const film = 'test/live/clip-sound.test.ts';
const talks = 'test/media/talk/kept.test.ts';

export const wrongKept: readonly Wrong[] = [
  wrong('sound that is missing moves what comes after it', sound, [
    'agent/media/clip/opus.ts',
    'if (this.#end === 0 || ahead >= stray) lay(silence, ahead);',
    '',
  ]),
  wrong('a clock of sound that is too fast is never caught up with', sound, [
    'agent/media/clip/opus.ts',
    'ahead < 0 : ahead <= -stray',
    'ahead < 0 : false',
  ]),
  wrong('a moment in which the machine stands still shifts the sound', sound, [
    'agent/media/live/steady.ts',
    'Math.min(lateness, told * driftPerS)',
    'lateness',
  ]),
  wrong('sound without pictures has no bound', sound, [
    'agent/media/clip/ring.ts',
    'if (this.#between.length >= packetsMax.between) this.#between.shift();',
    '',
  ]),
  wrong('a file without a track of sound takes some', sound, [
    'agent/media/clip/clip-file.ts',
    '(this.#sound !== null || !isHeard(group))',
    'true',
  ]),
  wrong('sound that cannot be coded costs the picture', film, [
    'agent/media/live/feed.ts',
    'this.#keyMs !== null || !(this.#mayOpus && this.#ingest?.isBegun)',
    'true',
  ]),
  wrong('the dome’s sound is not kept', film, [
    'agent/media/live/live.ts',
    'wantsOpus: () => this.#evidence.isWanted',
    'wantsOpus: () => false',
  ]),
  wrong('both sides of a call are in both tracks', talks, [
    'agent/media/talk/coder.ts',
    '[r]pan=mono|c0=c1[b]',
    '[r]pan=mono|c0=c0+c1[b]',
  ]),
  wrong('seconds of a call go with its process', talks, [
    'agent/media/talk/take.ts',
    'const halfPackets = packetsPerS / 2;',
    'const halfPackets = packetsPerS * 3;',
  ]),
  wrong('a call goes on unkept where its coder has died', talks, [
    'agent/media/talk/record.ts',
    'this.#cancel = this.#options.clock.after(pauseMs, () => this.#start());',
    'void pauseMs;',
  ]),
  wrong('a call is kept though that is switched off', 'test/media/media.test.ts', [
    'agent/media/media.ts',
    'const talk = talks ? evidence.talk : null;',
    'const talk = evidence.talk;',
  ]),
  wrong('a call is kept under another name than its clip', 'test/core/evidence.test.ts', [
    'agent/core/evidence.ts',
    'rowOf(incidents, id)?.clip ?? id',
    'id',
  ]),
  wrong('a call that goes on is mended by the process of the clips', 'test/clip/shelf.test.ts', [
    'agent/media/clip/shelf.ts',
    ' && this.#endings.includes(ending)',
    '',
  ]),
];

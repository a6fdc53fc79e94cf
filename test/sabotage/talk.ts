// Wrong versions of the talk process.

import { type Wrong, wrong } from './wrong.ts';

const desk = 'agent/media/talk/desk.ts';
const prompter = 'agent/media/talk/prompter.ts';
const calls = 'test/media/talk/talk.test.ts';
const parts = 'test/media/talk/parts.test.ts';

export const wrongTalk: readonly Wrong[] = [
  wrong('a caller hears himself', calls, [desk, 'seat === talker ? null : voice', 'voice']),
  wrong('the floor is the first caller’s for ever', calls, [
    desk,
    'speaks && isAdmitted',
    'isAdmitted',
  ]),
  wrong('a call that nobody asked for is not announced', calls, [
    desk,
    'isAdmitted: !announced',
    'isAdmitted: true',
  ]),
  wrong('a call is announced to a dead loudspeaker', calls, [
    desk,
    'if (this.#options.sound.isMute) return;',
    '',
  ]),
  wrong('a call that is over stays open', calls, [desk, 'seat.call.close();', '']),
  wrong('two clocks are not evened out', parts, [
    'agent/media/talk/sound-queue.ts',
    'this.#frames.splice(0, 2, crossFaded(first, second));',
    '',
  ]),
  wrong('the rate of a frame is read once', parts, [
    'agent/media/framer.ts',
    'if (rate !== this.#rate)',
    'if (!this.#resampler && rate !== this.#rate)',
  ]),
  wrong('a prompt is said once', parts, [prompter, 'const times = 2;', 'const times = 1;']),
  wrong('a prompt is said again by the next process', 'test/media/media.test.ts', [
    'agent/media/media.ts',
    'say?.id === this.#prompted ? null : say',
    'say',
  ]),
  wrong('a prompt drowns a voice', parts, [prompter, 'whileSpoken ? ducked : 1', '1']),
  wrong('a body of any size', 'test/media/talk/backchannel.test.ts', [
    'agent/rtsp/reader.ts',
    'length > readerLimits.bodyBytesMax',
    'length > 1e9',
  ]),
  wrong('the backchannel is held after talk', 'test/media/talk/dome.test.ts', [
    'agent/media/backchannel/speaker.ts',
    'if (leftMs <= 0) return this.#line.close();',
    'if (leftMs <= 0) return;',
  ]),
  wrong('pictures that nobody asked for', 'test/media/talk/picture.test.ts', [
    'agent/media/talk/pictures.ts',
    'this.#watching.length === 0 || ',
    '',
  ]),
];

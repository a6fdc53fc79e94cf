// The talk process with a gate room made of numbers in place of sound cards: its microphone hears what
// `wanted.sound.microphone` says, its loudspeaker writes to the file that `wanted.sound.speaker` names.

import { DomeSound } from '#agent/media/backchannel/dome-sound.ts';
import { readPrompt } from '#agent/media/sound/prompt.ts';
import { startTalk } from '#agent/media/talk/talk.ts';
import type { TalkWanted } from '#agent/media/wire.ts';
import type { Sound, SoundListener } from '#agent/ports.ts';
import { systemClock } from '#agent/system/clock.ts';
import { Loudspeaker, microphone } from './air.ts';

class NumbersSound implements Sound {
  readonly #names: NonNullable<TalkWanted['sound']>;
  #speaker: Loudspeaker | null = null;
  #stop: () => void = () => undefined;

  constructor(names: NonNullable<TalkWanted['sound']>) {
    this.#names = names;
  }

  open(listener: SoundListener): void {
    const { speaker, microphone: heard } = this.#names;
    const [what = 'none', ppm = '0'] = heard.split('@');
    if (what === 'mute') listener.trouble('sound.speaker', 'the loudspeaker is unplugged');
    this.#speaker = new Loudspeaker(`${speaker}.speaker`, Number(ppm));
    this.#stop = microphone(
      what,
      `${speaker}.microphone`,
      (frame) => listener.captured(frame),
      Number(ppm),
    );
  }

  play(frame: Int16Array): void {
    this.#speaker?.play(frame);
  }

  levels() {
    return { speaker: 0, microphone: 0 };
  }

  async close(): Promise<void> {
    this.#stop();
    this.#speaker?.close();
  }
}

const clock = systemClock();
await startTalk({
  clock,
  readPrompt,
  room: (sound) => new NumbersSound(sound),
  dome: (source) => new DomeSound({ source, clock }),
});

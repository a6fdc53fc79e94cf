// Runs inside the page under test: what its microphone gives, what comes out of its call, and what its
// picture shows, as a person at the screen would hear and see it. Put there before the page's own script.

import { readScene, type Scene } from '#agent/sim/dome/scene/code.ts';

interface Recording {
  stop(): Promise<Heard>;
}

/** Mono, 16 bit, 48 kHz; in base64, because it goes through a wire for text. */
interface Heard {
  readonly base64: string;
  /** When the first sample was there, by this page's clock, milliseconds. */
  readonly fromMs: number;
}

/** Chromium has it, TypeScript's library has not. */
declare class MediaStreamTrackProcessor {
  constructor(init: { readonly track: MediaStreamTrack });
  readonly readable: ReadableStream<AudioData>;
}

const microphones: MediaStreamTrack[] = [];
type Ear = 'microphone' | 'call' | 'gate';

const rate = 48_000;
const recordings = new Map<string, Recording>();
const nowMs = () => performance.timeOrigin + performance.now();

const { mediaDevices } = navigator;
const ask = mediaDevices.getUserMedia.bind(mediaDevices);
mediaDevices.getUserMedia = async (wanted) => {
  // Or the device of the call before would never be let go.
  for (const old of microphones.splice(0)) old.stop();
  const stream = await ask(wanted);
  microphones.push(...stream.getAudioTracks().map((track) => track.clone()));
  return stream;
};

/** Of what is playing, for what is not played is not heard; null: nothing is. */
function trackOf(what: Ear): MediaStreamTrack | null {
  const track = what === 'microphone' ? microphones.at(-1) : playedBy(what);
  return track?.readyState === 'live' ? track : null;
}

function playedBy(what: Ear): MediaStreamTrack | null {
  const player = document.querySelector(`#${what}-sound`);
  if (!(player instanceof HTMLAudioElement)) throw new Error(`no ${what} on this page`);
  const { srcObject: stream, paused, muted, volume } = player;
  if (paused || muted || volume === 0) return null;
  return stream instanceof MediaStream ? (stream.getAudioTracks()[0] ?? null) : null;
}

function record(track: MediaStreamTrack): Recording {
  const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
  const parts: Float32Array[] = [];
  let [length, fromMs, over] = [0, Number.POSITIVE_INFINITY, false];
  const read = async () => {
    for (;;) {
      const { value: data, done } = await reader.read();
      if (done || over) return;
      const heard = new Float32Array(data.numberOfFrames);
      data.copyTo(heard, { planeIndex: 0, format: 'f32-planar' });
      const part = atOneRate(heard, data.sampleRate);
      data.close();
      parts.push(part);
      length += part.length;
      // The page may read late, never early: the earliest is the truest.
      fromMs = Math.min(fromMs, nowMs() - (length / rate) * 1000);
    }
  };
  const reading = read();
  return {
    async stop() {
      over = true;
      await reader.cancel();
      await reading;
      return { base64: textOf(parts, length), fromMs };
    },
  };
}

/** Sound of the dome comes with fewer samples a second. */
function atOneRate(samples: Float32Array, from: number): Float32Array {
  if (from === rate) return samples;
  return Float32Array.from({ length: Math.round((samples.length * rate) / from) }, (_, n) => {
    const at = (n * from) / rate;
    const [a, b] = [samples[Math.floor(at)] ?? 0, samples[Math.ceil(at)] ?? samples.at(-1) ?? 0];
    return a + (at % 1) * (b - a);
  });
}

function textOf(parts: readonly Float32Array[], length: number): string {
  const samples = new Int16Array(length);
  let at = 0;
  for (const part of parts) for (const one of part) samples[at++] = Math.round(one * 32_767);
  let text = '';
  for (const byte of new Uint8Array(samples.buffer)) text += String.fromCharCode(byte);
  return btoa(text);
}

function see(element: HTMLVideoElement | HTMLImageElement): Scene | null {
  const isVideo = element instanceof HTMLVideoElement;
  const width = isVideo ? element.videoWidth : element.naturalWidth;
  const height = isVideo ? element.videoHeight : element.naturalHeight;
  if (width === 0) return null;
  const brush = new OffscreenCanvas(width, height).getContext('2d');
  brush?.drawImage(element, 0, 0);
  const pixels = brush?.getImageData(0, 0, width, height).data;
  return pixels ? readScene(pixels, width, height) : null;
}

const senses = {
  nowMs,
  trackOf: (what: Ear) => trackOf(what)?.id ?? null,
  /** False: nothing is to be heard, as between two calls. */
  listen(what: Ear): boolean {
    const track = trackOf(what);
    if (track) recordings.set(what, record(track));
    return track !== null;
  },
  heard: (what: Ear) => recordings.get(what)?.stop(),
  /** What is on the screen: the picture, or the snapshot in its place. */
  look(): Scene | null {
    const element =
      document.querySelector('#snapshot:not([hidden])') ?? document.querySelector('#picture');
    return element instanceof HTMLVideoElement || element instanceof HTMLImageElement
      ? see(element)
      : null;
  },
};
export type Senses = typeof senses;
Object.assign(globalThis, { senses });

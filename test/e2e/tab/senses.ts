// Runs inside the page under test: what its microphone gives, what comes out of its call, and what its
// picture shows, as a person at the screen would hear and see it. Put there before the page's own script.

import { readScene, type Scene } from '#agent/sim/dome/scene/code.ts';

interface Recording {
  stop(): Promise<Heard>;
}

/** Mono, 16 bit; in base64, because it goes through a wire for text. */
interface Heard {
  readonly base64: string;
  readonly rate: number;
  /** When the first sample was there, by this page's clock, milliseconds. */
  readonly fromMs: number;
}

/** Chromium has it, TypeScript's library has not. */
declare class MediaStreamTrackProcessor {
  constructor(init: { readonly track: MediaStreamTrack });
  readonly readable: ReadableStream<AudioData>;
}

const microphones: MediaStreamTrack[] = [];
const recordings = new Map<string, Recording>();
const nowMs = () => performance.timeOrigin + performance.now();

const { mediaDevices } = navigator;
const ask = mediaDevices.getUserMedia.bind(mediaDevices);
mediaDevices.getUserMedia = async (wanted) => {
  const stream = await ask(wanted);
  microphones.push(...stream.getAudioTracks().map((track) => track.clone()));
  return stream;
};

function trackOf(what: 'microphone' | 'call'): MediaStreamTrack {
  const stream = document.querySelector('audio')?.srcObject;
  const track =
    what === 'microphone'
      ? microphones.at(-1)
      : stream instanceof MediaStream
        ? stream.getAudioTracks()[0]
        : undefined;
  if (!track) throw new Error(`no ${what} to listen to`);
  return track;
}

function record(track: MediaStreamTrack): Recording {
  const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
  const parts: Float32Array[] = [];
  let [rate, length, fromMs, over] = [48_000, 0, Number.POSITIVE_INFINITY, false];
  const read = async () => {
    for (;;) {
      const { value: data, done } = await reader.read();
      if (done || over) return;
      const part = new Float32Array(data.numberOfFrames);
      data.copyTo(part, { planeIndex: 0, format: 'f32-planar' });
      rate = data.sampleRate;
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
      return { base64: textOf(parts, length), rate, fromMs };
    },
  };
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
  listen: (what: 'microphone' | 'call') => void recordings.set(what, record(trackOf(what))),
  heard: (what: 'microphone' | 'call') => recordings.get(what)?.stop(),
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

// A call from a real browser: what its microphone hears is found in the gate room, and the room's tone in
// what the page plays. Chromium's own words (its offer, its candidates, its channel) are what counts here.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { Chromium } from '#test/e2e/support/chromium.ts';
import { wavOf } from '#test/e2e/support/wav.ts';
import { findIn } from '#test/sound/signal.ts';
import { heardAbove } from '#test/support/media/judge.ts';
import type { PeerSaid } from '#test/support/media/peer.ts';
import { rate } from '#test/support/media/recording.ts';
import { burst } from '#test/support/media/signal.ts';
import { TalkRig } from '#test/support/media/talk-rig.ts';
import { until } from '#test/support/wait.ts';

let closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.reverse()) await close();
  closing = [];
});

/** Three bursts, one a second, and seconds of silence behind them. */
const seeds = [41, 42, 43];
function speechFile(): string {
  const dir = mkdtempSync(join(tmpdir(), 'gate-speech-'));
  closing.push(() => rmSync(dir, { recursive: true, force: true }));
  const samples = new Int16Array(20 * rate);
  seeds.forEach((seed, n) => {
    samples.set(burst(seed), (2 + n) * rate);
  });
  const file = join(dir, 'speech.wav');
  writeFileSync(file, wavOf(samples));
  return file;
}

/** An empty page: getUserMedia wants an origin, and 127.0.0.1 is a good one. */
async function emptyPage(): Promise<string> {
  const server = createServer((_, response) =>
    response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>.</title>'),
  ).listen(0, '127.0.0.1');
  closing.push(() => server.close());
  const address = await until(() => server.address(), { withinMs: 5_000, what: 'the page' });
  return `http://127.0.0.1:${typeof address === 'object' ? address.port : 0}/`;
}

/** In the page: calls, and tells at what pitch what it hears is loudest. */
const script = `
  window.calling = (async () => {
    const peer = new RTCPeerConnection();
    const audio = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
    const stream = await navigator.mediaDevices.getUserMedia({ audio });
    for (const track of stream.getTracks()) peer.addTrack(track, stream);
    const channel = peer.createDataChannel('gate');
    channel.onmessage = ({ data }) => say({ t: 'text', id: 'page', text: data });
    peer.onicecandidate = ({ candidate }) => candidate?.candidate &&
      say({ t: 'candidate', id: 'page', candidate: candidate.candidate, mid: candidate.sdpMid });
    peer.ontrack = ({ track }) => {
      const sound = new MediaStream([track]);
      const player = Object.assign(new Audio(), { srcObject: sound, muted: true });
      player.play();
      const context = new AudioContext();
      const analyser = new AnalyserNode(context, { fftSize: 8192 });
      context.createMediaStreamSource(sound).connect(analyser);
      window.pitch = () => {
        const bins = new Float32Array(analyser.frequencyBinCount);
        analyser.getFloatFrequencyData(bins);
        const loudest = bins.indexOf(Math.max(...bins));
        return { hz: loudest * context.sampleRate / 8192, db: bins[loudest] };
      };
    };
    window.tell = (order) => order.t === 'answer'
      ? peer.setRemoteDescription({ type: 'answer', sdp: order.sdp })
      : peer.addIceCandidate({ candidate: order.candidate, sdpMid: order.mid });
    const offer = await peer.createOffer();
    await say({ t: 'offer', id: 'page', sdp: offer.sdp });
    await peer.setLocalDescription(offer);
  })();
`;

it('a browser calls, and is heard, and hears', { timeout: 120_000 }, async () => {
  const browser = await Chromium.open({ microphone: speechFile() });
  closing.push(() => browser.close());
  const rig = new TalkRig({ room: 'tone:700' });
  closing.push(() => rig.close());
  await rig.open();
  const said: PeerSaid[] = [];
  const { page } = browser;
  rig.join('page', (order) => void page.evaluate(`tell(${JSON.stringify(order)})`));
  await page.exposeFunction('say', (one: PeerSaid) => {
    said.push(one);
    rig.fromCaller(one);
  });
  await page.goto(await emptyPage());
  await page.evaluate(script);
  await rig.saidOf('connected', 'page');
  const { sdp } = await rig.saidOf('answered', 'page');
  expect(sdp).toContain('useinbandfec=1');
  const since = rig.recording('room', 'speaker').times.length;
  await until(() => rig.recording('room', 'speaker').times.length > since + 900, {
    withinMs: 60_000,
    what: 'nine seconds in the gate room',
  });
  const { samples } = rig.recording('room', 'speaker');
  const found = seeds.map((seed) => findIn(burst(seed).subarray(2_880, 7_680), samples));
  expect(Math.max(...found.map(({ likeness }) => likeness))).toBeGreaterThan(heardAbove);
  const pitch: { hz: number; db: number } = await page.evaluate('pitch()');
  expect(Math.abs(pitch.hz - 700)).toBeLessThan(20);
  expect(pitch.db).toBeGreaterThan(-40);
  expect(said.some((one) => one.t === 'text' && one.text.includes('"levels"'))).toBe(true);
  expect(browser.errors).toEqual([]);
});

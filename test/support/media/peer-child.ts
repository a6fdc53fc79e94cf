// A caller in a process of his own: libwebrtc does not survive its natural end. Told by his parent what to
// do; says what he would say to the terminal.

import { Framer } from '#agent/media/framer.ts';
import { loadWrtc, type PeerConnection } from '#agent/media/talk/wrtc.ts';
import { microphone } from './air.ts';
import type { PeerOrder, PeerSaid } from './peer.ts';
import { Recorder } from './recording.ts';

interface OfferingPeer extends PeerConnection {
  getStats(): Promise<ReadonlyMap<string, Readonly<Record<string, unknown>>>>;
  createOffer(): Promise<{ readonly type: 'offer'; readonly sdp: string }>;
  createDataChannel(label: string): {
    binaryType: string;
    onopen: (() => void) | null;
    onclose: (() => void) | null;
    onmessage: ((event: { readonly data: unknown }) => void) | null;
    send(text: string): void;
  };
}

const { RTCPeerConnection, nonstandard } = await loadWrtc();
const say = (said: PeerSaid): void => void process.send?.(said);
const callers = new Map<string, Awaited<ReturnType<typeof call>>>();

async function call({ id, heard, file, ...rtc }: Extract<PeerOrder, { t: 'call' }>) {
  const peer = new RTCPeerConnection(rtc as never) as OfferingPeer;
  const source = new nonstandard.RTCAudioSource();
  const track = source.createTrack();
  peer.addTrack(track);
  const channel = peer.createDataChannel('gate');
  channel.binaryType = 'arraybuffer';
  channel.onopen = () => say({ t: 'open', id });
  channel.onclose = () => say({ t: 'state', id, state: 'closed' });
  channel.onmessage = ({ data }) => {
    if (typeof data === 'string') say({ t: 'text', id, text: data });
    else if (data instanceof ArrayBuffer)
      say({ t: 'part', id, base64: Buffer.from(data).toString('base64') });
  };
  peer.onicecandidate = ({ candidate }) => {
    if (candidate && candidate.candidate !== '')
      say({ t: 'candidate', id, candidate: candidate.candidate, mid: candidate.sdpMid ?? '' });
  };
  peer.onconnectionstatechange = () => say({ t: 'state', id, state: peer.connectionState });
  const stops: (() => void)[] = [() => track.stop()];
  peer.ontrack = ({ track: theirs }) => {
    const sink = new nonstandard.RTCAudioSink(theirs);
    const recorder = new Recorder(`${file}.speaker`);
    const framer = new Framer((frame) => recorder.add(frame));
    sink.ondata = (data) => framer.push(data.samples, data.sampleRate, data.channelCount);
    stops.push(
      () => sink.stop(),
      () => theirs.stop(),
    );
  };
  stops.push(
    microphone(heard, `${file}.microphone`, (samples) =>
      source.onData({
        ...{ samples, sampleRate: 48_000, bitsPerSample: 16, channelCount: 1 },
        numberOfFrames: 480,
      }),
    ),
  );
  const offer = await peer.createOffer();
  say({ t: 'offer', id, sdp: offer.sdp });
  await peer.setLocalDescription(offer);
  return { peer, channel, stops };
}

async function obey(order: PeerOrder): Promise<void> {
  if (order.t === 'call') return void callers.set(order.id, await call(order));
  const caller = callers.get(order.id);
  if (!caller) return;
  switch (order.t) {
    case 'answer':
      return caller.peer.setRemoteDescription({ type: 'answer', sdp: order.sdp });
    case 'candidate':
      return caller.peer.addIceCandidate({ candidate: order.candidate, sdpMid: order.mid });
    case 'text':
      return caller.channel.send(order.text);
    case 'stats':
      return say({ t: 'stats', id: order.id, concealed: await concealed(caller.peer) });
    case 'close':
      callers.delete(order.id);
      for (const stop of caller.stops) stop();
      caller.peer.close();
      return say({ t: 'state', id: order.id, state: 'closed' });
  }
}

async function concealed(peer: OfferingPeer): Promise<number> {
  for (const one of (await peer.getStats()).values()) {
    const { type, concealedSamples, totalSamplesReceived } = one;
    if (type === 'inbound-rtp') return Number(concealedSamples) / Number(totalSamplesReceived);
  }
  return Number.NaN;
}

let last: Promise<void> = Promise.resolve();
process.on('message', (order: PeerOrder) => {
  last = last.then(() => obey(order));
});
process.on('disconnect', () => process.exit(0));
say({ t: 'ready' });

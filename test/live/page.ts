// Runs in the browser's page: viewers with a peer connection and a video element each.

/// <reference lib="dom" />
import type { Scene } from '#agent/sim/dome/scene/code.ts';

declare const scene: {
  readScene(pixels: Uint8ClampedArray, width: number, height: number): Scene | null;
};

interface Viewer {
  readonly connection: RTCPeerConnection;
  readonly candidates: { candidate: string; mid: string }[];
  readonly seen: object[];
  readonly offeredMs: number;
  firstMs: number | null;
  presented: number;
  analyser: AnalyserNode | null;
}

const viewers = new Map<string, Viewer>();
const seenMax = 200;

function viewerOf(id: string): Viewer {
  const viewer = viewers.get(id);
  if (!viewer) throw new Error(`no viewer ${id}`);
  return viewer;
}

function watchPictures(viewer: Viewer, video: HTMLVideoElement): void {
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const look = (_: number, frame: VideoFrameCallbackMetadata): void => {
    video.requestVideoFrameCallback(look);
    viewer.firstMs ??= performance.now() - viewer.offeredMs;
    viewer.presented++;
    if (!context) return;
    canvas.width = 640;
    canvas.height = 360;
    context.drawImage(video, 0, 0, 640, 360);
    const read = scene.readScene(context.getImageData(0, 0, 640, 360).data, 640, 360);
    const atMs = performance.timeOrigin + frame.presentationTime;
    if (read) viewer.seen.push({ ...read, atMs, width: frame.width, rtp: frame.rtpTimestamp });
    if (viewer.seen.length > seenMax) viewer.seen.shift();
  };
  video.requestVideoFrameCallback(look);
}

function listen(viewer: Viewer, track: MediaStreamTrack): void {
  const stream = new MediaStream([track]);
  // Chromium decodes remote sound only where an element plays it.
  const element = new Audio();
  element.srcObject = stream;
  element.muted = true;
  void element.play();
  const context = new AudioContext();
  viewer.analyser = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(viewer.analyser);
}

export async function offer(id: string, sound: boolean): Promise<string> {
  const connection = new RTCPeerConnection();
  const viewer: Viewer = {
    ...{ connection, candidates: [], seen: [], offeredMs: performance.now() },
    ...{ firstMs: null, presented: 0, analyser: null },
  };
  viewers.set(id, viewer);
  connection.onicecandidate = ({ candidate }) => {
    if (candidate?.candidate)
      viewer.candidates.push({ candidate: candidate.candidate, mid: candidate.sdpMid ?? '' });
  };
  connection.ontrack = ({ track, receiver }) => {
    if (track.kind === 'audio') return listen(viewer, track);
    receiver.jitterBufferTarget = 0;
    const video = document.createElement('video');
    Object.assign(video, { muted: true, autoplay: true, playsInline: true });
    video.srcObject = new MediaStream([track]);
    // One below the other would lie outside the window, where nothing is drawn.
    video.style.cssText = 'position: fixed; top: 0; left: 0; width: 320px';
    document.body.append(video);
    watchPictures(viewer, video);
  };
  connection.addTransceiver('video', { direction: 'recvonly' });
  if (sound) connection.addTransceiver('audio', { direction: 'recvonly' });
  await connection.setLocalDescription();
  return connection.localDescription?.sdp ?? '';
}

export const answer = (id: string, sdp: string): Promise<void> =>
  viewerOf(id).connection.setRemoteDescription({ type: 'answer', sdp });

/** Those found since the last call. */
export const candidates = (id: string): object[] => viewerOf(id).candidates.splice(0);

export async function add(
  id: string,
  theirs: readonly ({ candidate: string; mid: string } | null)[],
): Promise<void> {
  for (const one of theirs)
    if (one)
      await viewerOf(id).connection.addIceCandidate({
        candidate: one.candidate,
        sdpMid: one.mid,
      });
}

export function watched(id: string): object {
  const { firstMs, seen, presented, connection } = viewerOf(id);
  return { firstMs, seen, presented, state: connection.connectionState };
}

export async function stats(id: string): Promise<object> {
  const all = await viewerOf(id).connection.getStats();
  for (const one of all.values())
    if (one.type === 'inbound-rtp' && one.kind === 'video') return { ...one };
  return {};
}

export function loudness(id: string): number {
  const { analyser } = viewerOf(id);
  if (!analyser) return 0;
  const samples = new Float32Array(analyser.fftSize);
  analyser.getFloatTimeDomainData(samples);
  return Math.max(...samples.map(Math.abs));
}

export function leave(id: string): void {
  viewerOf(id).connection.close();
  viewers.delete(id);
}

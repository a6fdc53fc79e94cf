// Players that are not ours: ffprobe and ffmpeg as clients of the simulated dome's RTSP server.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { readScene, type Scene } from '#agent/sim/dome/scene/code.ts';
import { within } from '#test/support/wait.ts';

const run = promisify(execFile);
const patienceMs = 15_000;

export const withLogin = (url: string): string => url.replace('//', '//admin:secret@');

export interface Probed {
  readonly codec_name: string;
  readonly profile?: string;
  readonly width?: number;
  readonly height?: number;
  readonly has_b_frames?: number;
  readonly sample_rate?: string;
}

/** The streams that ffprobe finds; fails on its errors, and on its warnings. */
export async function probe(url: string, transport: 'tcp' | 'udp' = 'tcp'): Promise<Probed[]> {
  const { stdout, stderr } = await run(
    'ffprobe',
    ['-v', 'warning', '-rtsp_transport', transport, '-show_streams', '-of', 'json', url],
    { timeout: patienceMs },
  );
  if (stderr !== '') throw new Error(stderr);
  const { streams }: { streams: Probed[] } = JSON.parse(stdout);
  return streams;
}

export interface Viewer {
  /** Of each decoded frame, in order; null where the code could not be read. */
  readonly scenes: (Scene | null)[];
  /** What ffmpeg complained of. */
  readonly complaints: () => string;
  /** True while it plays. */
  readonly plays: () => boolean;
  close(): Promise<void>;
}

export interface ViewOptions {
  readonly url: string;
  /** Frames are scaled to this before they are read. */
  readonly width?: number;
  readonly height?: number;
  readonly transport?: 'tcp' | 'udp';
}

/** ffmpeg that decodes what it sees, frame by frame, until it is closed. */
export function view({ url, width = 640, height = 360, transport = 'tcp' }: ViewOptions): Viewer {
  const child = spawn(
    'ffmpeg',
    [
      ...['-nostdin', '-v', 'warning', '-rtsp_transport', transport, '-fflags', 'nobuffer'],
      ...['-i', url, '-an', '-vf', `scale=${width}:${height}`, '-pix_fmt', 'rgba'],
      ...['-fps_mode', 'passthrough', '-f', 'rawvideo', 'pipe:1'],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const scenes: (Scene | null)[] = [];
  let pending = Buffer.alloc(0);
  let complaints = '';
  const ended = once(child, 'exit');
  child.stderr.on('data', (text: Buffer) => {
    complaints += text.toString();
  });
  child.stdout.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    const bytes = width * height * 4;
    for (; pending.length >= bytes; pending = pending.subarray(bytes))
      scenes.push(readScene(pending.subarray(0, bytes), width, height));
  });
  return {
    scenes,
    complaints: () => complaints,
    plays: () => child.exitCode === null && child.signalCode === null,
    async close() {
      child.kill('SIGKILL');
      await within(ended, { withinMs: patienceMs, what: 'the end of ffmpeg' });
    },
  };
}

// The command of the feed, and what ffmpeg's words mean. Address and password go in on standard input,
// as a list of one (concat): a command line is for everybody on the machine to read. Its words are
// understood and never passed on, for the address is in them.

import type { MediaSource } from '../wire.ts';

/** Ports on the loopback that the RTP goes to. */
export interface Ports {
  readonly video: number;
  readonly sound: number;
  /** Null: not wanted. */
  readonly opus: number | null;
}

/** On the loopback a datagram may be large: some for a picture, instead of hundreds for a key picture
 * at once, which a terminal's small receive buffer would not hold. */
const videoPacketBytes = 60_000;
/** 20 ms of G.711. */
const soundPacketBytes = 172;
/** Of one channel: a voice, a siren and glass that breaks are told apart; 11 MB an hour. */
const opus = { bitsPerS: 24_000, packetBytes: 1_200 } as const;

/** Microseconds, and pictures; it waits for no packet of sound, of which a dome may announce some and send
 * none. It looks no longer than to the first key picture, for which a dome with long
 * groups takes seconds: with 0.2 s ffmpeg gave up on every dome that began in the middle of a group. */
const probing = { analyzeduration: '20000000', fpsprobesize: '0', max_ts_probe: '0' } as const;

/** Copies; codes nothing but the sound of clips. An output each: in one, pictures would wait for sound. A
 * dome without sound must not end it, hence `tee`, which may lose one of its outputs; the other goes
 * nowhere. */
export function ffmpegArguments({ video, sound, opus: clips }: Ports): string[] {
  const copy = ['-c', 'copy', '-copytb', '1', '-flush_packets', '1'];
  return [
    ...['-hide_banner', '-nostats', '-loglevel', 'info'],
    // Without `nobuffer`: it throws the first key picture away, and copying waits for the next.
    ...Object.entries(probing).flatMap(([name, value]) => [`-${name}`, value]),
    ...['-protocol_whitelist', 'pipe,rtsp,rtp,tcp,tls'],
    ...['-f', 'concat', '-safe', '0', '-i', 'pipe:0'],
    ...['-map', '0:v:0', ...copy, '-bsf:v', 'dump_extra=freq=keyframe'],
    ...['-f', 'rtp', '-rtpflags', 'skip_rtcp'],
    `rtp://127.0.0.1:${video}?pkt_size=${videoPacketBytes}`,
    ...soundOutput(copy, sound, soundPacketBytes),
    ...(clips === null ? [] : soundOutput([...copy, ...coded], clips, opus.packetBytes)),
  ];
}

/** Its pictures are dropped before they get there: a dome that announces sound and sends none would have
 * them wait for it, all of them. */
const coded = [
  ...['-c:a', 'libopus', '-b:a', `${opus.bitsPerS}`, '-ac', '1', '-frame_duration', '20'],
  ...['-bsf:v', 'noise=drop=1'],
];

function soundOutput(how: readonly string[], port: number, packetBytes: number): string[] {
  const rtp = String.raw`[select=a:f=rtp:rtpflags=skip_rtcp:onfail=ignore]rtp\://127.0.0.1\:`;
  return [
    ...['-map', '0:v:0', '-map', '0:a:0?', ...how, '-max_interleave_delta', '1', '-f', 'tee'],
    `[select=v:f=null]-|${rtp}${port}?pkt_size=${packetBytes}`,
  ];
}

/** What goes to its standard input; null where the address is none of RTSP. */
export function ffmpegInput({ url, username, password }: MediaSource): string | null {
  const address = URL.parse(url);
  if (address === null || !/^rtsps?:$/.test(address.protocol) || address.host === '') return null;
  if (username !== '') {
    address.username = encodeURIComponent(username);
    address.password = encodeURIComponent(password);
  }
  const quoted = address.href.replaceAll("'", String.raw`'\''`);
  const options = Object.entries(probing).map(([name, value]) => `option ${name} ${value}\n`);
  // Those of the command line are for the list alone: 5 s would go by until the first picture.
  const list = `ffconcat version 1.0\nfile '${quoted}'\noption rtsp_transport tcp\n`;
  return list + options.join('');
}

/** Why there is no picture. `codec` alone is no matter of trying again. */
export interface Trouble {
  readonly kind: 'unreachable' | 'unauthorized' | 'unknown' | 'codec' | 'hanging' | 'program';
  /** Ends a sentence that begins with the stream's name. */
  readonly detail: string;
}

const words: readonly (readonly [RegExp, Trouble])[] = [
  [
    /401 Unauthorized|403 Forbidden/,
    { kind: 'unauthorized', detail: 'is refused: the dome does not take user name and password' },
  ],
  [
    /404 Not Found|Stream not found/i,
    { kind: 'unknown', detail: 'is not known to the dome under the address that it told' },
  ],
  [
    /Connection refused/,
    {
      kind: 'unreachable',
      detail: 'cannot be reached: the dome refuses RTSP; look whether it is switched on there',
    },
  ],
  [
    /No route to host|Network is unreachable|timed out|Failed to resolve|Name or service/i,
    { kind: 'unreachable', detail: 'cannot be reached: no answer from the dome on RTSP' },
  ],
  [
    /Unrecognized option|Unknown keyword|Option .* not found/i,
    { kind: 'program', detail: 'needs ffmpeg 5.1 or newer' },
  ],
];

const codecLine = /^\s*Stream #0:\d+.*: Video: (\w+)/;

/** It knows the dome's streams, and goes on to its outputs. */
export const isBegun = (line: string): boolean => /^\s*Stream #0:\d+.*: (Video|Audio): /.test(line);

const soundLine = /^\s*Stream #0:\d+.*: Audio: (\w+)/;

/** Whether browsers take the dome's sound as it comes (G.711); null: the line says nothing of it. */
export function isPlainSound(line: string): boolean | null {
  const codec = soundLine.exec(line)?.[1];
  return codec === undefined ? null : codec === 'pcm_mulaw' || codec === 'pcm_alaw';
}

/** Reads one line of ffmpeg; null where it says nothing of interest. */
export function troubleIn(line: string): Trouble | null {
  const codec = codecLine.exec(line)?.[1];
  if (codec !== undefined && codec !== 'h264') return codecTrouble(codec);
  return words.find(([pattern]) => pattern.test(line))?.[1] ?? null;
}

const codecTrouble = (codec: string): Trouble => ({
  kind: 'codec',
  detail:
    `is ${codec === 'hevc' ? 'H.265' : codec}, which browsers do not show; ` +
    "set it to H.264 in the dome's video settings (视频编码: H.264)",
});

export const hanging: Trouble = {
  kind: 'hanging',
  detail: 'hangs: it is connected, and sends nothing',
};
export const notRtsp: Trouble = { kind: 'unknown', detail: 'has an address that is none of RTSP' };
export const bidirectional =
  'has pictures out of order (B-frames), which stutter in browsers; switch them off in the dome (关闭B帧)';

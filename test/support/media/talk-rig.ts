// A talk process and its callers, real ones both, and the line between them: signalling passes through
// here as it would through daemon and broker.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeFlags } from '#agent/media/media.ts';
import {
  type IceServer,
  type MediaSaid,
  mediaSaid,
  type TalkWanted,
  talkWanted,
} from '#agent/media/wire.ts';
import type { Room } from '#agent/sim/sound/room.ts';
import { systemClock } from '#agent/system/clock.ts';
import { Supervisor } from '#agent/system/supervisor.ts';
import { until } from '#test/support/wait.ts';
import { everyFrame } from './air.ts';
import { type PeerOrder, type PeerSaid, Peers } from './peer.ts';
import { nowMs, type Recording, readRecording } from './recording.ts';
import type { UdpLine } from './udp-line.ts';

type Wanted = TalkWanted['sessions'][number];
type SaidOf<T extends MediaSaid['t']> = Extract<MediaSaid, { t: T }>;

export interface RigOptions {
  /** What the gate room's microphone hears (air.ts), `@ppm` of its clock behind it. */
  readonly room?: string;
  /** A gate room with air in it, and the process as it ships. */
  readonly gateRoom?: Pick<Room, 'speaker' | 'microphone' | 'env'>;
  /** Of the talk process. */
  readonly env?: NodeJS.Dict<string>;
  readonly dome?: TalkWanted['dome'];
  readonly snapshot?: TalkWanted['snapshot'];
  readonly prompts?: string;
  readonly line?: UdpLine;
  readonly iceServers?: readonly IceServer[];
  /** Where the caller's are others. */
  readonly callerIceServers?: readonly IceServer[];
  /** By way of the TURN server alone. */
  readonly relayOnly?: boolean;
}

export interface CallWish {
  /** What the caller's microphone hears. */
  readonly heard?: string;
  readonly speaks?: boolean;
  readonly announced?: boolean;
}

export class TalkRig {
  readonly dir = mkdtempSync(join(tmpdir(), 'gate-talk-'));
  readonly said: MediaSaid[] = [];
  readonly faults: string[] = [];
  /** Hears what the terminal says, too. */
  heard: (said: MediaSaid) => void = () => undefined;
  /** When this process, hence the line between the two, was on time. */
  readonly ticks: number[] = [];
  readonly #stopTicks = everyFrame(() => void this.ticks.push(nowMs()));
  readonly peers = new Peers((said) => this.fromCaller(said));
  readonly place: Supervisor<MediaSaid, TalkWanted>;
  readonly #options: RigOptions;
  readonly #others = new Map<string, (order: PeerOrder) => void>();
  readonly #wishes = new Map<string, CallWish>();
  #wanted: TalkWanted;

  constructor(options: RigOptions = {}) {
    this.#options = options;
    const { room = 'none', gateRoom, dome = null, snapshot = null, prompts } = options;
    const devices = gateRoom ?? { speaker: join(this.dir, 'room'), microphone: room };
    const child = gateRoom ? '../../../agent/media/talk/main.ts' : 'talk-child.ts';
    this.#wanted = {
      ...{ sessions: [], say: null, dome, snapshot, evidence: null, loop: null },
      sound: {
        ...{ speaker: devices.speaker, microphone: devices.microphone, canceller: 'auto' },
        prompts: prompts ?? join(import.meta.dirname, '../../../config/prompts/en'),
      },
    };
    this.place = new Supervisor({
      place: 'talk',
      command: [process.execPath, ...nodeFlags, join(import.meta.dirname, child)],
      env: { PATH: process.env.PATH ?? '', ...gateRoom?.env, ...options.env },
      hears: mediaSaid,
      tells: talkWanted,
      clock: systemClock(),
      chance: () => 0.5,
      heard: (message) => this.#fromTerminal(message),
      up: () => void this.place.send(this.#wanted),
      said: (line) => void this.faults.push(line),
      limits: { helloMs: 20_000, silentMs: 10_000 },
    });
  }

  async open(): Promise<this> {
    this.place.open({
      emit: (fact) => {
        if (fact.kind === 'fault.raised') this.faults.push(`${fact.fault}: ${fact.detail}`);
      },
    });
    await this.peers.open();
    await until(() => this.place.isUp, { withinMs: 20_000, what: 'the talk process' });
    return this;
  }

  async close(): Promise<void> {
    this.#stopTicks();
    await Promise.all([this.place.close(), this.peers.kill()]);
    rmSync(this.dir, { recursive: true, force: true });
  }

  want(change: Partial<TalkWanted>): void {
    this.#wanted = { ...this.#wanted, ...change };
    this.place.send(this.#wanted);
  }

  /** Changes one call as the daemon would: whose voice is heard, for one. */
  change(id: string, change: Partial<Wanted>): void {
    const sessions = this.#wanted.sessions.map((one) =>
      one.id === id ? { ...one, ...change } : one,
    );
    this.want({ sessions });
  }

  /** The daemon ends a call. */
  end(id: string): void {
    this.want({ sessions: this.#wanted.sessions.filter((one) => one.id !== id) });
  }

  start(id: string, wish: CallWish = {}): void {
    const { callerIceServers, relayOnly = false } = this.#options;
    const iceServers = callerIceServers ?? this.#options.iceServers ?? [];
    this.#wishes.set(id, wish);
    this.peers.tell({
      ...{ t: 'call', id, heard: wish.heard ?? 'none', file: join(this.dir, id), iceServers },
      iceTransportPolicy: relayOnly ? 'relay' : 'all',
    });
  }

  /** Until both sides say that they are connected. */
  async call(id: string, wish: CallWish = {}): Promise<void> {
    this.start(id, wish);
    await this.saidOf('connected', id);
    await until(() => this.peers.of('state', id).some(({ state }) => state === 'connected'), {
      withinMs: 20_000,
      what: `${id} to be connected`,
    });
  }

  async saidOf<T extends MediaSaid['t']>(t: T, id: string): Promise<SaidOf<T>> {
    return until(
      () =>
        this.said.find(
          (one): one is SaidOf<T> => one.t === t && 'session' in one && one.session === id,
        ),
      { withinMs: 30_000, what: `${t} of ${id}; ${this.faults.join('; ')}` },
    );
  }

  /** What was heard at `where`, `room` or a caller's id; of its loudspeaker or its microphone. */
  recording(where: string, what: 'speaker' | 'microphone', sinceMs = 0): Recording {
    return readRecording(join(this.dir, `${where}.${what}`), sinceMs);
  }

  /** Another caller than those of `peers`, a browser for one: gets what the terminal tells it. */
  join(id: string, tell: (order: PeerOrder) => void): void {
    this.#others.set(id, tell);
  }

  /** What a caller says to the terminal. */
  fromCaller(said: PeerSaid): void {
    if (said.t === 'offer') {
      const { speaks = true, announced = false } = this.#wishes.get(said.id) ?? {};
      const iceServers = [...(this.#options.iceServers ?? [])];
      const session = { id: said.id, sdp: said.sdp, candidates: [], iceServers, speaks, announced };
      this.want({ sessions: [...this.#wanted.sessions, session] });
    }
    if (said.t !== 'candidate') return;
    const { line } = this.#options;
    const candidate = line ? line.announce('caller', said.candidate) : said.candidate;
    const known = this.#wanted.sessions.find(({ id }) => id === said.id);
    if (candidate !== null && known)
      this.change(said.id, { candidates: [...known.candidates, { candidate, mid: said.mid }] });
  }

  #fromTerminal(message: MediaSaid): void {
    this.said.push(message);
    this.heard(message);
    if (message.t === 'fault') this.faults.push(`${message.fault}: ${message.detail}`);
    if (message.t === 'answered')
      this.#tell({ t: 'answer', id: message.session, sdp: message.sdp });
    if (message.t !== 'gathered') return;
    const { line, relayOnly } = this.#options;
    for (const one of message.candidates) {
      if (!one || (relayOnly && !one.candidate.includes(' typ relay '))) continue;
      const candidate = line ? line.announce('terminal', one.candidate) : one.candidate;
      if (candidate === null) continue;
      this.#tell({ t: 'candidate', id: message.session, candidate, mid: one.mid });
    }
  }

  #tell(order: PeerOrder): void {
    const other = this.#others.get(order.id);
    if (other) other(order);
    else this.peers.tell(order);
  }
}

// Calls and the live picture: two child processes, told as a whole what is wanted whenever it changes. A
// process that has died is replaced and told again; the sessions it had are lost, and their clients
// offer anew. Nothing of it is on the way from the button to the platform.

import { networkInterfaces } from 'node:os';
import type { DomeStreams, Fact } from '../core/fact.ts';
import type { MediaSession, MediaTarget } from '../core/target.ts';
import type { Clock, Media, Sink } from '../ports.ts';
import { Supervisor } from '../system/supervisor.ts';
import { LoopTry } from './loop-try.ts';
import { outsideOnly, ownNetworks, pointsInside } from './own-network.ts';
import {
  type EvidenceSaid,
  type EvidenceWanted,
  type IceServer,
  type LiveWanted,
  liveWanted,
  type MediaSaid,
  type MediaSource,
  mediaSaid,
  type SnapshotSource,
  type TalksWanted,
  type TalkWanted,
  talkWanted,
} from './wire.ts';

type Command = readonly [string, ...string[]];

export interface MediaOptions {
  readonly commands: { readonly talk: Command; readonly live: Command };
  /** All of their environment. */
  readonly env: Readonly<Record<string, string>>;
  /** STUN and TURN, from the configuration alone. */
  readonly iceServers: readonly string[];
  /** Of whom a client, or an address for an upload, may have the terminal speak to. */
  readonly ownNetwork: 'refuse' | 'allow';
  readonly warm: boolean;
  readonly talkThrough: 'room' | 'dome';
  readonly sound: TalkWanted['sound'];
  /** Where clips, snapshots and talks are kept, and how many; absent: nowhere. */
  readonly clips?: Pick<EvidenceWanted, 'dir' | 'masterKey' | ClipRule> | null;
  /** What is said in calls is kept there, too. */
  readonly talks?: boolean;
  /** Null: no dome, hence no picture. */
  readonly dome: Omit<SnapshotSource, 'url'> | null;
  readonly clock: Clock;
  readonly chance: () => number;
  /** A line that one of them has written, for the log. */
  readonly said: (place: Place, line: string) => void;
  /** How a process may be (agent/system/place/life.ts). */
  readonly limits?: { readonly silentMs?: number; readonly rssMbMax?: number };
}

type ClipRule = 'days' | 'capMb' | 'reserveMb' | 'ca';
type Place = 'talk' | 'live';
const places = ['talk', 'live'] as const;

/** A hang is found and mended within 2 s; libwebrtc alone takes some 90 MB. */
const limits = { silentMs: 1_500, rssMbMax: 400 };
const nothing: MediaTarget = {
  sessions: [],
  say: null,
  streams: { main: null, sub: null, snapshot: null },
  evidence: null,
};

/** Of its processes' node: left to itself its room for young objects grows to 48 MB, and stays so. */
export const nodeFlags = ['--max-semi-space-size=2'] as const;

type Kept = Supervisor<MediaSaid, never>;

export class MediaDriver implements Media {
  readonly #options: MediaOptions;
  readonly #places: { readonly [P in Place]: Pick<Kept, 'open' | 'giveWay' | 'close'> };
  readonly #send: { readonly [P in Place]: () => void };
  #sink: Sink | null = null;
  #target: MediaTarget = nothing;
  /** What each was told last, so that only a change is told. */
  readonly #told = { talk: '', live: '' };
  /** Faults that a process has told; they end with it. */
  readonly #faults = { talk: new Set<string>(), live: new Set<string>() };
  readonly #refused = new Set<string>();
  /** What has been said of what is wanted: another process does not say it again. */
  #prompted: string | null = null;
  /** Whether the microphone hears the loudspeaker. */
  readonly loop: LoopTry;
  /** Number of each process's last word on evidence that is a record. */
  readonly #heardN = { talk: 0, live: 0 };

  constructor(options: MediaOptions) {
    this.#options = options;
    const { commands, env, clock, chance, said } = options;
    const common = (place: Place) => ({
      ...{ place, command: commands[place], env, clock, chance, hears: mediaSaid },
      heard: (message: MediaSaid) => this.#heard(place, message),
      up: () => {
        this.#told[place] = '';
        this.#send[place]();
      },
      down: () => this.#down(place),
      said: (line: string) => said(place, line),
      limits: { ...limits, ...options.limits },
    });
    const talk = new Supervisor({ ...common('talk'), tells: talkWanted });
    const live = new Supervisor({ ...common('live'), tells: liveWanted });
    this.#places = { talk, live };
    this.loop = new LoopTry(clock, () => this.#send.talk());
    this.#send = {
      talk: () => this.#tell('talk', this.#talkWanted(), (wanted) => talk.send(wanted)),
      live: () => this.#tell('live', this.#liveWanted(), (wanted) => live.send(wanted)),
    };
  }

  async open(sink: Sink): Promise<void> {
    this.#sink = sink;
    for (const place of places) this.#places[place].open(sink);
  }

  want(target: MediaTarget): void {
    this.#target = target;
    if (target.say?.id !== this.#prompted) this.#prompted = null;
    for (const id of this.#refused)
      if (!target.sessions.some((session) => session.id === id)) this.#refused.delete(id);
    for (const place of places) this.#send[place]();
  }

  giveWay(): void {
    for (const place of places) this.#places[place].giveWay();
  }

  async close(): Promise<void> {
    this.#sink = null;
    await Promise.all(places.map((place) => this.#places[place].close()));
  }

  #tell<W>(place: Place, wanted: W, send: (wanted: W) => boolean): void {
    const text = JSON.stringify(wanted);
    if (text !== this.#told[place] && send(wanted)) this.#told[place] = text;
  }

  #talkWanted(): TalkWanted {
    const { say, streams } = this.#target;
    const { sound, talkThrough } = this.#options;
    return {
      sessions: this.#sessions('talk').map(({ speaks, announced, session }) => ({
        ...session,
        ...{ speaks, announced },
      })),
      ...{ say: say?.id === this.#prompted ? null : say, sound },
      dome: talkThrough === 'dome' ? this.#source(streams, 'main') : null,
      snapshot: this.#snapshot(streams),
      evidence: this.#talksWanted(),
      loop: this.loop.id,
    };
  }

  /** What a dead process has left is put in order, whether more is to be kept or not. */
  #talksWanted(): TalksWanted | null {
    const { evidence } = this.#target;
    const { clips, talks = false } = this.#options;
    if (!evidence || !clips) return null;
    const { dir, masterKey } = clips;
    const talk = talks ? evidence.talk : null;
    const sealed = masterKey === undefined ? {} : { masterKey };
    return { dir, ...sealed, heard: this.#heardN.talk, talk };
  }

  #liveWanted(): LiveWanted {
    const { streams } = this.#target;
    return {
      sessions: this.#sessions('live').map(({ stream, session }) => ({ ...session, stream })),
      main: this.#source(streams, 'main'),
      sub: this.#source(streams, 'sub'),
      warm: this.#options.warm,
      evidence: this.#evidenceWanted(),
    };
  }

  #evidenceWanted(): EvidenceWanted | null {
    const { evidence, streams } = this.#target;
    const { clips, ownNetwork } = this.#options;
    if (!evidence || !clips) return null;
    const { snapshots, kept, uploads, talk: _, ...rest } = evidence;
    const lists = { snapshots: [...snapshots], kept: [...kept], uploads: [...uploads] };
    const snapshot = this.#snapshot(streams);
    const heard = this.#heardN.live;
    return { ...clips, ...rest, ...lists, ownNetwork, snapshot, heard };
  }

  #source(streams: DomeStreams, which: keyof DomeStreams): MediaSource | null {
    const { dome } = this.#options;
    const url = streams[which];
    return dome && url !== null ? { url, username: dome.username, password: dome.password } : null;
  }

  #snapshot(streams: DomeStreams): SnapshotSource | null {
    const { dome } = this.#options;
    const source = this.#source(streams, 'snapshot');
    return dome && source && { ...source, ca: dome.ca };
  }

  #sessions(kind: Place) {
    return this.#target.sessions
      .filter((one) => one.kind === kind && !this.#refused.has(one.id))
      .flatMap((one) => {
        const session = this.#peer(one);
        const { speaks, announced, stream } = one;
        return session ? [{ session, speaks, announced, stream }] : [];
      });
  }

  #peer({ id, sdp, candidates, turn }: MediaSession) {
    const iceServers = this.#iceServers(turn);
    if (this.#options.ownNetwork === 'allow')
      return { id, sdp, candidates: [...candidates], iceServers };
    const own = ownNetworks(networkInterfaces());
    const outside = outsideOnly(own, sdp);
    if (outside === null) {
      this.#refused.add(id);
      const detail = "the offer points into the terminal's own network; use a TURN server";
      this.#sink?.emit({ kind: 'session.closed', session: id, reason: 'refused', detail });
      return null;
    }
    const kept = candidates.filter((one) => !one || !pointsInside(own, one.candidate));
    return { id, sdp: outside, candidates: kept, iceServers };
  }

  /** A TURN server without its password would only be asked in vain. */
  #iceServers(turn: MediaSession['turn']): IceServer[] {
    return this.#options.iceServers.flatMap((urls): IceServer[] => {
      if (urls.startsWith('stun:')) return [{ urls }];
      return turn ? [{ urls, ...turn }] : [];
    });
  }

  #heard(place: Place, message: MediaSaid): void {
    if (message.t === 'prompted') return this.#said(message.id);
    if (message.t === 'looped') return this.loop.heard(message);
    if (message.t === 'fault') return this.#fault(place, message.fault, message.detail);
    if (message.t === 'cut')
      return this.#sink?.emit({ kind: 'picture.cut', stream: message.stream });
    if ('n' in message) return this.#record(place, message);
    const { t, ...told } = message;
    const kind = t.startsWith('evidence.') ? t : `session.${t}`;
    this.#sink?.emit({ kind, ...told } as Fact);
  }

  #said(id: string): void {
    if (id === this.#target.say?.id) this.#prompted = id;
  }

  /** The process goes on with it when it is a record. */
  #record(place: Place, { t, n, ...told }: EvidenceSaid): void {
    this.#sink?.emit({ kind: t, ...told } as Fact, () => {
      this.#heardN[place] = n;
      this.#send[place]();
    });
  }

  #fault(place: Place, fault: string, detail: string | null): void {
    if (detail === null) {
      if (this.#faults[place].delete(fault)) this.#sink?.emit({ kind: 'fault.cleared', fault });
      return;
    }
    this.#faults[place].add(fault);
    this.#sink?.emit({ kind: 'fault.raised', fault, detail });
  }

  /** What it has said of itself ends with it, and so do its sessions. */
  #down(place: Place): void {
    this.#heardN[place] = 0;
    for (const fault of this.#faults[place]) this.#fault(place, fault, null);
    const detail = 'the media process of the terminal has ended; it is started again';
    for (const { id, kind } of this.#target.sessions)
      if (kind === place)
        this.#sink?.emit({ kind: 'session.closed', session: id, reason: 'lost', detail });
  }
}

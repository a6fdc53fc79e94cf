// The live picture: two feeds from the dome, and whoever sees them. Told whole what is wanted, it
// finds out what is new. A feed is open while somebody needs it, or always where it is kept warm.

import type { Clock } from '../../ports.ts';
import { Evidence } from '../clip/evidence.ts';
import type { LiveWanted, MediaSaid } from '../wire.ts';
import { Feed } from './feed.ts';
import type { Library } from './peer.ts';
import { type Feeds, type Session, type StreamName, Viewer } from './viewer.ts';

export interface LiveOptions {
  readonly clock: Clock;
  /** A number in [0, 1): jitter. */
  readonly chance: () => number;
  readonly say: (said: MediaSaid) => void;
}

const streams = ['main', 'sub'] as const;
const other = { main: 'sub', sub: 'main' } as const;
/** A feed that nobody needs any more stays open for so long: the next viewer is quick. */
const lingerMs = 10_000;
/** Nobody who looks on, but what is kept ready, and recorded. */
const keeper = { prefers: 'main', isAuto: false, shows: null } as const;

export class Live {
  readonly #options: LiveOptions;
  readonly #feeds: Feeds;
  readonly #viewers = new Map<string, Viewer>();
  /** Sessions that have ended here and are still wanted there. */
  readonly #over = new Set<string>();
  readonly #lingers = new Map<StreamName, () => void>();
  #library: Library | null = null;
  readonly #evidence: Evidence;
  #wanted: LiveWanted = { sessions: [], main: null, sub: null, warm: false, evidence: null };
  #fault: string | null | undefined;

  constructor(options: LiveOptions) {
    this.#options = options;
    this.#feeds = { main: this.#feed('main'), sub: this.#feed('sub') };
    const why = () => this.#feeds[this.#targetOf(keeper)].trouble;
    this.#evidence = new Evidence({ clock: options.clock, say: options.say, why });
  }

  /** Loads the native library. */
  async open(): Promise<void> {
    this.#library = await import('node-datachannel');
    this.#library.preload();
  }

  want(wanted: LiveWanted): void {
    this.#wanted = wanted;
    this.#evidence.want(wanted.evidence);
    const ids = new Set(wanted.sessions.map(({ id }) => id));
    for (const [id, viewer] of this.#viewers) {
      if (ids.has(id)) continue;
      this.#viewers.delete(id);
      viewer.close();
    }
    for (const id of this.#over) if (!ids.has(id)) this.#over.delete(id);
    for (const session of wanted.sessions) {
      if (this.#over.has(session.id)) continue;
      const known = this.#viewers.get(session.id);
      if (!known) this.#admit(session);
      known?.candidates(session.candidates);
      known?.wants(session.stream);
    }
    this.#arrange();
  }

  /** Lets go of viewers and feeds. */
  async close(): Promise<void> {
    for (const viewer of this.#viewers.values()) viewer.close();
    this.#viewers.clear();
    for (const cancel of this.#lingers.values()) cancel();
    const feeds = streams.map((name) => this.#feeds[name].close());
    await Promise.all([...feeds, this.#evidence.close()]);
  }

  #admit(session: Session): void {
    const { clock, say } = this.#options;
    const library = this.#library;
    if (!library) throw new Error('not open');
    const { id } = session;
    const viewer: Viewer = new Viewer({
      ...{ session, library, clock, feeds: this.#feeds },
      answered: (sdp) => say({ t: 'answered', session: id, sdp }),
      gathered: (candidates) => say({ t: 'gathered', session: id, candidates }),
      connected: () => say({ t: 'connected', session: id }),
      closed: (reason, detail) => {
        this.#viewers.delete(id);
        this.#over.add(id);
        say({ t: 'closed', session: id, reason, detail });
        this.#arrange();
      },
      still: (name) => say({ t: 'cut', stream: name }),
      chosen: () => {
        this.#arrange();
        const target = this.#targetOf(viewer);
        // What is there at once is better than nothing, until the right one has come.
        for (const name of [target, other[target]]) viewer.show(name);
      },
    });
    this.#viewers.set(id, viewer);
    viewer.open();
  }

  #feed(name: StreamName): Feed {
    const { clock, chance, say } = this.#options;
    return new Feed({
      ...{ clock, chance },
      picture: (picture, units) => {
        const { ticks, key } = picture;
        if (name === this.#targetOf(keeper)) this.#evidence.picture(name, { ticks, key, units });
        for (const viewer of this.#viewers.values())
          viewer.picture(name, this.#targetOf(viewer), picture);
      },
      sound: (sound) => {
        for (const viewer of this.#viewers.values()) viewer.sound(name, sound);
      },
      wantsOpus: () => this.#evidence.isWanted,
      opus: (packet) => this.#evidence.sound(name, packet),
      cut: () => {
        this.#evidence.cut(name);
        for (const viewer of this.#viewers.values()) viewer.cut(name);
      },
      damaged: () => {
        const isSeen = [...this.#viewers.values()].some(({ shows }) => shows === name);
        if (isSeen) say({ t: 'cut', stream: name });
      },
      changed: () => this.#arrange(),
    });
  }

  /** What a viewer should see: what he prefers where it can be had, else the other. */
  #targetOf({ prefers, isAuto }: Pick<Viewer, 'prefers' | 'isAuto'>): StreamName {
    const second = other[prefers];
    if (this.#wanted[second] === null || this.#feeds[second].isUnusable) return prefers;
    if (this.#wanted[prefers] === null || this.#feeds[prefers].isUnusable) return second;
    return isAuto && this.#feeds[prefers].isDown ? second : prefers;
  }

  #arrange(): void {
    const needed = new Set<StreamName>();
    const isKept = this.#wanted.warm || this.#evidence.isWanted;
    for (const one of [...(isKept ? [keeper] : []), ...this.#viewers.values()]) {
      // The one that should be there is tried again and again, and what he sees stays until it is.
      for (const name of this.#neededBy(one)) if (name) needed.add(name);
    }
    for (const name of streams) this.#keep(name, needed.has(name));
    this.#judge();
  }

  /** A second stream is not asked of the dome before he is there who wants it: he begins with the first. */
  #neededBy(one: Viewer | typeof keeper): readonly (StreamName | null)[] {
    const target = this.#targetOf(one);
    const isComing = 'isOpen' in one && !one.isOpen;
    if (isComing && this.#feeds[other[target]].isLive && !this.#feeds[target].isWanted)
      return [other[target]];
    return [one.prefers, target, one.shows];
  }

  #keep(name: StreamName, isNeeded: boolean): void {
    const feed = this.#feeds[name];
    const source = this.#wanted[name];
    if (isNeeded || source === null) {
      this.#lingers.get(name)?.();
      this.#lingers.delete(name);
      return feed.want(source);
    }
    if (!feed.isWanted || this.#lingers.has(name)) return;
    const cancel = this.#options.clock.after(lingerMs, () => {
      this.#lingers.delete(name);
      feed.want(null);
      this.#judge();
    });
    this.#lingers.set(name, cancel);
  }

  /** One fault for both feeds; of one that sends what no browser shows nothing is said while the other
   * takes its place. */
  #judge(): void {
    const told = streams.flatMap((name) => {
      const [feed, second] = [this.#feeds[name], this.#feeds[other[name]]];
      const isReplaced =
        feed.isUnusable && this.#wanted[other[name]] !== null && !second.isUnusable;
      return feed.trouble === null || isReplaced ? [] : [`The ${name} stream ${feed.trouble}`];
    });
    const detail = told.length === 0 ? null : `${told.join('. ')}.`;
    const isKnown = detail !== null || streams.some((name) => this.#feeds[name].isLive);
    if (!isKnown || detail === this.#fault) return;
    this.#fault = detail;
    this.#options.say({ t: 'fault', fault: 'live.feed', detail });
  }
}

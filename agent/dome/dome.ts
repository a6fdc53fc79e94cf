// The dome: wires link, strobe, siren, preset and stick together, and tells their faults and jobs as facts.
// Strobe goes first and waits for nobody. Everything stays as it is on close(): an agent that restarts in
// the middle of an incident must not darken the gate.

import { isTurn } from '../core/command.ts';
import type { Job } from '../core/state.ts';
import type { DomeTarget } from '../core/target.ts';
import type { Dome, Sink } from '../ports.ts';
import { actuatorTimes } from './actuator.ts';
import { Arrivals } from './arrival.ts';
import { DomeClock, setSystemDateAndTime } from './dome-clock.ts';
import { asDomeError, DomeError } from './error.ts';
import { Gaze } from './gaze.ts';
import { Jobs } from './jobs.ts';
import { endpointOf, Line } from './line.ts';
import { Link } from './link.ts';
import { type Listening, listeningOf } from './listening.ts';
import type { OnvifDomeOptions } from './options.ts';
import { goto, keepWarm, type Means, perform } from './perform.ts';
import { PresetControl } from './preset.ts';
import { Ptz } from './ptz.ts';
import { Relays } from './relays.ts';
import { type CallOptions, SoapClient } from './soap.ts';
import { Steer } from './steer.ts';
import { Streams } from './streams.ts';
import { Switches } from './switches.ts';
import { trackerOf } from './track/agent.ts';
import { Roaming } from './track/roaming.ts';
import type { Tracker } from './track/tracker.ts';
import { Troubles } from './troubles.ts';
import { Turner } from './turn.ts';
import { Vendor } from './vendor.ts';

export type { OnvifDomeOptions };

/** After the strobe. */
const restAfterMs = 5;
/** A stick that is answered later than that is of no use. */
const stickCallMs = 1000;

interface Parts {
  readonly line: Line;
  readonly means: Means;
  readonly switches: Switches;
  readonly preset: PresetControl;
  readonly gaze: Gaze;
  readonly steer: Steer;
  readonly tracker: Tracker | null;
  readonly link: Link;
  readonly jobs: Jobs;
  readonly streams: Streams;
  readonly listening: Listening | null;
}

export class OnvifDome implements Dome {
  readonly #options: OnvifDomeOptions;
  #parts: Parts | null = null;
  #sink: Sink | null = null;
  /** Null before the first `want`: until then nothing is sent, a light that is on stays on. */
  #target: DomeTarget | null = null;
  #awaitsTarget = false;
  /** It was turned by hand since it followed anybody. */
  #byHand = false;
  #cancelRest: (() => void) | null = null;

  constructor(options: OnvifDomeOptions) {
    this.#options = options;
  }

  /** Returns before the dome has answered. */
  async open(sink: Sink): Promise<void> {
    this.#sink = sink;
    const parts = this.#build();
    await parts.means.soap.open();
    this.#parts = parts;
    if (this.#target) this.want(this.#target);
    parts.link.open();
    parts.listening?.open();
  }

  want(target: DomeTarget): void {
    this.#target = target;
    const parts = this.#parts;
    if (!parts) return;
    if (!parts.jobs.has('test.strobe')) parts.switches.strobe.want(target.strobe);
    this.#byHand ||= target.motion !== null;
    // At once: what follows by itself has no hand on it any more.
    if (target.motion || !target.tracking) parts.tracker?.want(false);
    if (target.motion || !parts.tracker?.isOn) parts.steer.want(target.motion);
    parts.streams.want(target.keyPictures);
    this.#cancelRest ??= this.#options.clock.after(restAfterMs, () => this.#wantRest());
    if (this.#awaitsTarget) this.#up(true);
  }

  /** A little later: making two more requests would hold up the strobe's bytes and the alarm's PUBACK. */
  #wantRest(): void {
    this.#cancelRest = null;
    const [parts, target] = [this.#parts, this.#target];
    if (!parts || !target) return;
    const { jobs, switches, gaze } = parts;
    if (!jobs.has('test.siren')) switches.siren.want(target.siren);
    switches.dayNight.want(target.dayNight);
    if (!jobs.has('test.preset')) gaze.want(target);
  }

  run(job: Job): void {
    if (this.#parts) this.#parts.jobs.run(job);
    else this.#sink?.emit({ kind: 'job.failed', id: job.id, reason: 'the dome is not open' });
  }

  async close(): Promise<void> {
    const parts = this.#parts;
    this.#sink = null;
    this.#cancelRest?.();
    this.#cancelRest = null;
    parts?.jobs.close();
    parts?.link.close();
    parts?.gaze.close();
    parts?.tracker?.close();
    parts?.switches.close();
    parts?.streams.close();
    const deaf = parts?.listening?.close();
    // All stays as it is but what moves.
    await Promise.all([parts?.steer.close(), deaf]);
    this.#parts = null;
    parts?.line.close();
  }

  #build(): Parts {
    const { url, username, password, profile, clock, chance, ca, ears, isAway } = this.#options;
    const device = endpointOf(url);
    const scheme = url.startsWith('https:') ? 'https:' : 'http:';
    const line = new Line(clock, scheme === 'https:', ca ?? null, isAway);
    line.forgotten = () => this.#parts?.link.suspect(true);
    const credentials = { username, password };
    const soap = new SoapClient(line, clock, credentials, device);
    const ptz = new Ptz(soap, device, scheme);
    const troubles = new Troubles({
      emit: (fact) => this.#sink?.emit(fact),
      look: () => this.#parts?.link.suspect(false),
    });
    const relays = new Relays(clock);
    const means = { soap, ptz, relays, vendor: new Vendor(line, clock, credentials, device) };
    const turner = new Turner(means, profile, clock);
    const steer = this.#steerOf(turner, troubles);
    const look = (signal?: AbortSignal) =>
      this.#guarded(() => turner.look({ deadlineMs: stickCallMs, ...(signal && { signal }) }));
    const preset = new PresetControl({
      ...{ presets: profile.preset, clock },
      arrivals: new Arrivals({
        ...{ clock, look },
        place: async (name, anew) => {
          if (anew) await this.#guarded(() => ptz.learn(actuatorTimes.callMs));
          return ptz.presetPlace(ptz.presetToken(name));
        },
      }),
      goto: (to, signal) => this.#send(steer, () => goto(means, to, callOptions(signal))),
      reached: () => gaze.reached(),
      outcome: (trouble) =>
        troubles.part('preset', trouble && `${trouble}; see that the dome has it, and turns`),
    });
    const met = () => this.#sink?.emit({ kind: 'dome.followed' });
    const tracker = trackerOf({
      ...{ clock, means, turner, steer, preset, profile, credentials },
      ...{ device: { endpoint: device, scheme }, deadlineMs: stickCallMs, met },
      guarded: (call) => this.#guarded(call),
    });
    const switches = new Switches({
      ...{ profile, clock, chance, troubles },
      // What the stick has it do has ended the following, and a Stop would end it.
      perform: async (recipe, on, signal) => {
        if (recipe.kind === 'agent') return (await tracker?.follow(on, signal)) ?? false;
        if (recipe.kind === 'track' && !on && this.#byHand) return false;
        if (on && recipe.kind === 'track') this.#byHand = false;
        return await this.#guarded(() => perform(means, recipe, on, callOptions(signal)));
      },
    });
    const { strobe, siren, tracking } = switches;
    const roaming = new Roaming({ clock, look, met });
    const isNative = profile.tracking.some(({ kind }) => kind !== 'agent');
    const gaze = new Gaze({
      ...{ clock, preset, tracking, look },
      follows: (on) => roaming.want(on && isNative),
    });
    const domeClock = new DomeClock({
      ...{ clock, policy: this.#options.domeClock ?? 'tell', offMs: () => soap.offMs },
      set: (utcMs) =>
        this.#guarded(() => soap.call(setSystemDateAndTime, { utcMs }, callOptions())),
      trouble: (detail) => troubles.part('clock', detail),
    });
    const link = new Link({
      soap,
      clock,
      chance,
      busy: () => switches.busy,
      up: (fresh) => this.#up(fresh),
      keepWarm: () => keepWarm(means, switches.preferred, callOptions()),
      fault: (name, detail) => troubles.whole(name, detail),
      good: () => {
        troubles.looked();
        void domeClock.looked();
      },
    });
    const jobs = new Jobs({
      clock,
      strobe,
      siren,
      preset,
      act: (act) => {
        const doing = () => turner.act(act, callOptions());
        return isTurn(act) ? this.#send(steer, doing) : this.#guarded(doing);
      },
      emit: (fact) => this.#sink?.emit(fact),
      target: () => this.#target,
    });
    const streams = new Streams({
      ...{ clock, soap, ptz, device: { endpoint: device, scheme }, callMs: actuatorTimes.callMs },
      guarded: (call) => this.#guarded(call),
      tell: (found) => this.#sink?.emit({ kind: 'dome.streams', streams: found }),
    });
    const listening = listeningOf(ears, {
      ...{ clock, chance, soap, ptz, relays, device, scheme },
      emit: (fact) => this.#sink?.emit(fact),
      require: () => this.#require(),
      trouble: (detail) => troubles.part('events', detail),
    });
    return { line, means, switches, preset, gaze, steer, tracker, link, jobs, streams, listening };
  }

  #require(): void {
    const { link } = this.#parts ?? {};
    if (!link) throw new DomeError('superseded', 'closed');
    link.require();
  }

  #steerOf(turner: Turner, troubles: Troubles): Steer {
    const { clock, profile } = this.#options;
    const options = { deadlineMs: stickCallMs };
    return new Steer({
      clock,
      range: profile.range,
      move: (velocity, before) => this.#guarded(() => turner.move(velocity, before, options)),
      stop: (hard) => this.#guarded(() => turner.stop(hard, options)),
      look: () => this.#guarded(() => turner.look(options)),
      outcome: (trouble) => troubles.part('stick', trouble),
    });
  }

  /** Sends it elsewhere: what the stick has it do ends before. */
  async #send<T>(steer: Steer, send: () => Promise<T>): Promise<T> {
    const wasMoving = steer.busy;
    await steer.settle();
    try {
      return await this.#guarded(send);
    } catch (error) {
      if (wasMoving) steer.doubt();
      throw error;
    }
  }

  #up(fresh: boolean): void {
    this.#awaitsTarget = this.#target === null;
    if (this.#awaitsTarget) return;
    this.#parts?.switches.assert(fresh);
    if (fresh) void this.#turn();
    if (fresh) this.#parts?.listening?.restart();
  }

  /** Addresses and tokens may have changed with a firmware; strobe and siren go by what was known. */
  async #turn(): Promise<void> {
    const parts = this.#parts;
    try {
      await parts?.means.ptz.learn(actuatorTimes.callMs);
    } catch (error) {
      // Whoever needs it asks again, and tells what is wrong.
      asDomeError(error);
    }
    if (parts !== this.#parts) return;
    parts?.gaze.assert();
    parts?.tracker?.restart();
    await parts?.streams.look();
  }

  /** A command: held back where it would do harm, and what its failure says about the link is heeded. */
  async #guarded<T>(command: () => Promise<T>): Promise<T> {
    this.#require();
    try {
      return await command();
    } catch (error) {
      const { kind } = asDomeError(error);
      if (kind === 'unreachable' || kind === 'broken' || kind === 'timeout')
        this.#parts?.link.suspect(kind === 'unreachable');
      if (kind === 'unauthorized') await this.#parts?.link.doubt();
      throw error;
    }
  }
}

const callOptions = (signal?: AbortSignal): CallOptions =>
  signal ? { deadlineMs: actuatorTimes.callMs, signal } : { deadlineMs: actuatorTimes.callMs };

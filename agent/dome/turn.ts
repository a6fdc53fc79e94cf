// Everything that turns the dome by hand, as requests: the velocities and stops that steer.ts decides on, and
// what the holder of the stick has done. What would look beyond the range is refused before it is sent.

import type { StickAct, Velocity } from '../core/command.ts';
import type { Clock } from '../ports.ts';
import { asDomeError, DomeError } from './error.ts';
import * as op from './motion-operations.ts';
import { goto, type Means, perform } from './perform.ts';
import type { Profile, Recipe } from './profile.ts';
import { beyond, isLimited } from './range.ts';
import type { CallOptions } from './soap.ts';

/** The dome ends a move by itself then, should the agent have died. */
const timeoutS = 1;
const focusSpeed = 0.5;
/** A step of the focus. */
const focusStepMs = 400;

type Result = { readonly [key: string]: unknown };

/** What a dome takes of a ContinuousMove: 0 all of it, 1 no Timeout, 2 only the axes that move. */
const lastDialect = 2;

export class Turner {
  readonly #means: Means;
  readonly #profile: Profile;
  readonly #clock: Clock;
  #dialect = 0;

  constructor(means: Means, profile: Profile, clock: Clock) {
    this.#means = means;
    this.#profile = profile;
    this.#clock = clock;
  }

  async move(velocity: Velocity, before: Velocity, options: CallOptions): Promise<void> {
    const profile = await this.#means.ptz.profile(options);
    for (let dialect = this.#dialect; ; dialect += 1) {
      try {
        await this.#moveAs(dialect, { profile, velocity, before }, options);
        this.#dialect = dialect;
        return;
      } catch (error) {
        // Some refuse a Timeout or a Zoom that they have not got.
        if (asDomeError(error).kind !== 'fault' || dialect >= lastDialect) throw error;
      }
    }
  }

  async #moveAs(
    dialect: number,
    asked: { readonly profile: string; readonly velocity: Velocity; readonly before: Velocity },
    options: CallOptions,
  ): Promise<void> {
    const { profile, velocity, before } = asked;
    const { soap } = this.#means;
    if (dialect < lastDialect) {
      const args = { profile, velocity, timeoutS: dialect === 0 ? timeoutS : null };
      return void (await soap.call(op.continuousMove, args, options));
    }
    const turns = (v: Velocity) => v.pan !== 0 || v.tilt !== 0;
    const isAxisLeft = (turns(before) && !turns(velocity)) || (before.zoom !== 0 && !velocity.zoom);
    // What is not named goes on.
    if (isAxisLeft) await soap.call(op.stop, { profile, bare: true }, options);
    const panTilt = turns(velocity) ? velocity : { pan: null, tilt: null };
    const only = { pan: panTilt.pan, tilt: panTilt.tilt, zoom: velocity.zoom || null };
    await soap.call(op.continuousMove, { profile, velocity: only, timeoutS: null }, options);
  }

  /** `hard`: for domes that do not heed a Stop. */
  async stop(hard: boolean, options: CallOptions): Promise<void> {
    const profile = await this.#means.ptz.profile(options);
    const { soap } = this.#means;
    const bare = this.#dialect === lastDialect;
    const velocity = { pan: 0, tilt: 0, zoom: bare ? null : 0 };
    if (hard) await soap.call(op.continuousMove, { profile, velocity, timeoutS: null }, options);
    else await soap.call(op.stop, { profile, bare }, options);
  }

  async look(options: CallOptions): Promise<op.Status> {
    const { soap, ptz } = this.#means;
    const profile = await ptz.profile(options);
    const status = await soap.call(op.getStatus, { profile }, options);
    const { offMs } = soap;
    if (status.utcMs === null || offMs === null) return status;
    return { ...status, lateMs: this.#clock.now().wallMs + offMs - status.utcMs };
  }

  /** Carries out what is no move, once. */
  async act(act: StickAct, options: CallOptions): Promise<Result> {
    switch (act.op) {
      case 'relative':
        return await this.#relative(act, options);
      case 'absolute':
        return await this.#absolute(act, options);
      case 'zoom':
        return await this.#absolute({ pan: null, tilt: null, zoom: act.to }, options);
      case 'preset':
        return await this.#preset(act.preset, options);
      case 'home':
        this.#refuse(
          isLimited(this.#profile.range) ? 'the dome does not tell where home is' : null,
        );
        return await this.#home(options);
      case 'presets': {
        const { presets } = await this.#means.ptz.learn(options.deadlineMs);
        return { presets: presets.map(({ token, name }) => ({ token, name })) };
      }
      case 'wiper':
      case 'light':
        return await this.#switch(this.#profile[act.op], act.on, options);
      case 'focus':
        return await this.#focus(act.to, options);
    }
  }

  /** Within a range it is said as a place: how far a translation goes is the dome's own affair. */
  async #relative(by: Velocity, options: CallOptions): Promise<Result> {
    const profile = await this.#means.ptz.profile(options);
    if (!isLimited(this.#profile.range)) {
      await this.#means.soap.call(op.relativeMove, { profile, to: by }, options);
      return {};
    }
    const { place } = await this.look(options);
    const plus = (axis: keyof Velocity): number => {
      const at = place[axis];
      if (at === null) throw outOfRange('the dome does not tell where it looks');
      return at + by[axis];
    };
    const round = (pan: number) => (pan > 1 ? pan - 2 : pan < -1 ? pan + 2 : pan);
    const to = { pan: round(plus('pan')), tilt: plus('tilt'), zoom: plus('zoom') };
    const bound = (value: number, least: number) => Math.min(1, Math.max(least, value));
    this.#refuse(beyond(this.#profile.range, to));
    return await this.#place(
      { pan: to.pan, tilt: bound(to.tilt, -1), zoom: bound(to.zoom, 0) },
      options,
    );
  }

  async #absolute(to: op.Place, options: CallOptions): Promise<Result> {
    this.#refuse(beyond(this.#profile.range, to));
    if ((to.pan === null) === (to.tilt === null)) return await this.#place(to, options);
    const { place } = await this.look(options);
    return await this.#place(
      { pan: to.pan ?? place.pan, tilt: to.tilt ?? place.tilt, zoom: to.zoom },
      options,
    );
  }

  async #place(to: op.Place, options: CallOptions): Promise<Result> {
    const profile = await this.#means.ptz.profile(options);
    await this.#means.soap.call(op.absoluteMove, { profile, to }, options);
    return {};
  }

  async #preset(asked: string, options: CallOptions): Promise<Result> {
    const { ptz } = this.#means;
    await ptz.profile(options);
    const { range, preset } = this.#profile;
    const token = ptz.presetToken(asked);
    const own = [preset.alarm, preset.guard].map((one) => one && ptz.presetToken(one));
    // Where the terminal itself sends it was somebody's choice.
    if (isLimited(range) && !own.includes(token)) {
      const place = ptz.presetPlace(token);
      this.#refuse(
        place ? beyond(range, place) : `the dome does not tell where preset ${asked} is`,
      );
    }
    await goto(this.#means, token, options);
    return { preset: token };
  }

  async #home(options: CallOptions): Promise<Result> {
    const profile = await this.#means.ptz.profile(options);
    await this.#means.soap.call(op.gotoHome, { profile }, options);
    return {};
  }

  async #switch(recipes: readonly Recipe[], on: boolean, options: CallOptions): Promise<Result> {
    let failure = new DomeError('missing', 'the profile has no recipe for it');
    for (const recipe of recipes) {
      try {
        return { verified: await perform(this.#means, recipe, on, options) };
      } catch (error) {
        failure = asDomeError(error);
      }
    }
    throw failure;
  }

  async #focus(to: 'near' | 'far' | 'stop' | 'auto', options: CallOptions): Promise<Result> {
    const { soap, ptz } = this.#means;
    const source = await ptz.source(options);
    if (to === 'auto') await soap.call(op.autoFocus, { source }, options);
    else if (to === 'stop') await soap.call(op.stopFocus, { source }, options);
    else {
      const speed = to === 'far' ? focusSpeed : -focusSpeed;
      await soap.call(op.moveFocus, { source, speed }, options);
      await new Promise<void>((done) => {
        this.#clock.after(focusStepMs, done);
      });
      await soap.call(op.stopFocus, { source }, options);
    }
    return {};
  }

  #refuse(why: string | null): void {
    if (why !== null) throw outOfRange(why);
  }
}

const outOfRange = (why: string): DomeError =>
  new DomeError('out-of-range', `${why}; the dome is not turned there`);

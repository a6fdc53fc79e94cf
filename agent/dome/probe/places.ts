// Which presets the dome has for an alarm and for its rest: chosen from its list, gone to and looked at, or
// stored where it looks now. A name that speaks of it is a suggestion and no more.

import type { Clock } from '../../ports.ts';
import { asDomeError } from '../error.ts';
import { getStatus, type Place as Whereto } from '../motion-operations.ts';
import { goto } from '../perform.ts';
import type { Profile } from '../profile.ts';
import type { Reach } from '../reach.ts';
import { same } from '../whereabouts.ts';
import { type Place, placeFor, placesOf } from './names.ts';
import { setPreset } from './operations.ts';
import type { PlaceName, Try, Witness } from './witness.ts';

const options = { deadlineMs: 5000 };
/** A slow one turns round in that. */
const arrivalMs = 15_000;
const lookEveryMs = 250;
/** One that has not begun by then does not go. */
const standsMs = 3000;
/** Of its generic coordinates: 2 degrees of pan where it turns all the way round. */
const near = { pan: 0.0112, tilt: 0.0225, zoom: 0.05 } as const;
/** Of a person who is never content. */
const choicesMax = 12;

export interface PlacesParts {
  readonly clock: Clock;
  readonly witness: Witness;
  readonly tell: (one: Try) => void;
}

export class Places {
  readonly #reach: Reach;
  readonly #parts: PlacesParts;

  constructor(reach: Reach, parts: PlacesParts) {
    this.#reach = reach;
    this.#parts = parts;
  }

  /** By their names alone; it is sent nowhere. */
  static named(presets: readonly Place[]): Profile['preset'] {
    const token = (what: PlaceName) => placeFor(what, placesOf(presets))?.token ?? null;
    return { alarm: token('alarm'), guard: token('guard') };
  }

  /** Where it stands afterwards is the one for an alarm, if there is any. */
  async find(): Promise<Profile['preset']> {
    const guard = await this.#find('guard');
    const alarm = await this.#find('alarm');
    return { alarm, guard };
  }

  /** Looks there at last; what it cannot be told does not matter. */
  async leaveAt(token: string | null): Promise<void> {
    if (token !== null) await this.#goto(token);
  }

  async #find(what: PlaceName): Promise<string | null> {
    const { witness } = this.#parts;
    for (let n = 0; n < choicesMax; n += 1) {
      const places = placesOf(this.#reach.ptz.presets);
      const answer = await witness.place({ what, places, suggested: placeFor(what, places) });
      if (answer === null) return null;
      const found = answer === 'here' ? await this.#store(what) : await this.#visit(what, answer);
      if (found !== null || !witness.isPerson) return found;
    }
    return null;
  }

  async #visit(what: PlaceName, place: Place): Promise<string | null> {
    const trouble = await this.#goto(place.token);
    if (trouble !== null) return this.#told(what, place, 'refused', trouble);
    const arrived = await this.#arrives(place.token);
    if (!(await this.#parts.witness.looks(what, place, arrived)))
      return this.#told(what, place, 'not-seen', arrived === false ? 'it did not get there' : '');
    const by = this.#parts.witness.isPerson ? ['person'] : [];
    this.#told(what, place, 'works', [...by, ...(arrived ? ['read-back'] : [])].join(', '));
    return place.token;
  }

  async #store(what: PlaceName): Promise<string | null> {
    const { soap, ptz } = this.#reach;
    const name = `gate ${what}`;
    try {
      const profile = await ptz.profile(options);
      const before = new Set(ptz.presets.map(({ token }) => token));
      const told = await soap.call(setPreset, { profile, name }, options);
      const { presets } = await ptz.learn(options.deadlineMs);
      // Its list is the proof; a token that it tells and does not list is none.
      const stored =
        presets.find(({ token }) => token === told) ??
        presets.find((one) => one.name === name && !before.has(one.token));
      const place = { token: stored?.token ?? told ?? '', name };
      if (!stored) return this.#told(what, place, 'not-seen', 'its list does not have it');
      this.#told(what, place, 'works', 'stored where it looked, read-back');
      return stored.token;
    } catch (error) {
      return this.#told(what, { token: 'new', name }, 'refused', asDomeError(error).message);
    }
  }

  /** Null, or why not. */
  async #goto(token: string): Promise<string | null> {
    try {
      await goto(this.#reach, token, options);
      return null;
    } catch (error) {
      const failure = asDomeError(error);
      if (failure.kind === 'unreachable' || failure.kind === 'unauthorized') throw failure;
      return failure.message;
    }
  }

  async #arrives(token: string): Promise<boolean | null> {
    const { clock } = this.#parts;
    const to = this.#reach.ptz.presetPlace(token);
    if (to === null) return null;
    const beganMs = clock.now().monoMs;
    let [before, movedMs] = [await this.#place(), beganMs];
    for (let nowMs = beganMs; nowMs < beganMs + arrivalMs; nowMs = clock.now().monoMs) {
      const place = await this.#place();
      if (place === null || before === null) return null;
      if (isNear(place, to)) return true;
      if (!same(place, before)) movedMs = nowMs;
      if (nowMs > movedMs + standsMs) return false;
      before = place;
      await new Promise<void>((done) => void clock.after(lookEveryMs, done));
    }
    return false;
  }

  async #place(): Promise<Whereto | null> {
    const { soap, ptz } = this.#reach;
    try {
      const { place } = await soap.call(
        getStatus,
        { profile: await ptz.profile(options) },
        options,
      );
      return place.pan === null || place.tilt === null ? null : place;
    } catch (error) {
      const failure = asDomeError(error);
      if (failure.kind === 'unreachable') throw failure;
      return null;
    }
  }

  #told(what: PlaceName, { token, name }: Place, outcome: Try['outcome'], detail: string): null {
    const recipe = name === '' ? `preset ${token}` : `preset ${token} (${name})`;
    this.#parts.tell({ what: `${what} preset`, recipe, outcome, detail });
    return null;
  }
}

/** Pan -1 and 1 are one place. An axis that either does not tell is no hindrance. */
function isNear(place: Whereto, to: Whereto): boolean {
  return (['pan', 'tilt', 'zoom'] as const).every((axis) => {
    const [a, b] = [place[axis], to[axis]];
    if (a === null || b === null) return true;
    const apart = Math.abs(a - b);
    return Math.min(apart, axis === 'pan' ? 2 - apart : apart) <= near[axis];
  });
}

// A dome driver and its dome on one bench: facts kept, time ten times as fast where a test says so.

import type { Fact, FactOf } from '#agent/core/fact.ts';
import type { DomeTarget } from '#agent/core/target.ts';
import { OnvifDome, type OnvifDomeOptions } from '#agent/dome/dome.ts';
import { type Profile, profileSchema } from '#agent/dome/profile.ts';
import type { Clock, Sink } from '#agent/ports.ts';
import { type SimDome, type SimDomeOptions, startDome } from '#agent/sim/dome/dome.ts';
import { systemClock } from '#agent/system/clock.ts';

export class Facts implements Sink {
  readonly all: Fact[] = [];

  emit(fact: Fact): void {
    this.all.push(fact);
  }

  of<K extends Fact['kind']>(kind: K): FactOf<K>[] {
    return this.all.filter((fact): fact is FactOf<K> => fact.kind === kind);
  }

  /** `+dome.lost -dome.lost`: faults in the order they were raised and cleared. */
  get faults(): string {
    return this.all
      .flatMap((fact) => {
        if (fact.kind === 'fault.raised') return `+${fact.fault}`;
        return fact.kind === 'fault.cleared' ? `-${fact.fault}` : [];
      })
      .join(' ');
  }
}

export const speed = 10;

/** For what takes milliseconds at the dome, and may not take longer on a busy machine. */
export const slow = 0.5;

/** Real time, so many times as fast: ten seconds of a protocol pass in one of the test. */
export function quickClock(times = speed): Clock {
  const real = systemClock();
  const start = real.now();
  return {
    now() {
      const now = real.now();
      const passedMs = (now.monoMs - start.monoMs) * (times - 1);
      return { ...now, monoMs: now.monoMs + passedMs, wallMs: now.wallMs + passedMs };
    },
    after: (delayMs, call) => real.after(delayMs / times, call),
  };
}

/** A quick clock that may be set forward at once: what is due by then is called. */
export function leapingClock(times = speed): Clock & { leap(ms: number): void } {
  const quick = quickClock(times);
  const waiting = new Set<{ readonly rearm: () => void }>();
  let leaptMs = 0;
  const now = () => {
    const { monoMs, wallMs, ...rest } = quick.now();
    return { ...rest, monoMs: monoMs + leaptMs, wallMs: wallMs + leaptMs };
  };
  return {
    now,
    after(delayMs, call) {
      const dueMs = now().monoMs + delayMs;
      const arm = () =>
        quick.after(Math.max(0, dueMs - now().monoMs), () => {
          waiting.delete(timer);
          call();
        });
      let cancel = () => {};
      const timer = {
        rearm: () => {
          cancel();
          cancel = arm();
        },
      };
      waiting.add(timer);
      cancel = arm();
      return () => {
        cancel();
        waiting.delete(timer);
      };
    },
    leap(ms) {
      leaptMs += ms;
      for (const { rearm } of [...waiting]) rearm();
    },
  };
}

const auxiliary = (via: 'device' | 'ptz', on: string, off: string) => ({
  kind: 'auxiliary' as const,
  via,
  on,
  off,
});
export const recipes = {
  relay: { kind: 'relay' as const, token: 'Relay_1' },
  clip: { kind: 'audioClip' as const, token: 'Clip_1' },
  track: { kind: 'track' as const },
  following: auxiliary('ptz', 'Tracking_On', 'Tracking_Off'),
  picture: {
    kind: 'imaging' as const,
    on: 'ON' as const,
    off: 'AUTO' as const,
  },
  sirenRelay: { kind: 'relay' as const, token: 'Relay_2' },
  device: auxiliary('device', 'tt:Strobe|On', 'tt:Strobe|Off'),
  ptz: auxiliary('ptz', 'AUX1on', 'AUX1off'),
  coaxial: {
    kind: 'http' as const,
    on: { method: 'GET' as const, path: coaxial('action=control&info[0].Type=1&info[0].IO=1') },
    off: { method: 'GET' as const, path: coaxial('action=control&info[0].Type=1&info[0].IO=2') },
    verify: {
      method: 'GET' as const,
      path: coaxial('action=getStatus'),
      on: 'WhiteLight=On',
      off: '/WhiteLight=Off/',
    },
  },
};

function coaxial(query: string): string {
  return `/cgi-bin/coaxialControlIO.cgi?${query}`;
}

type ProfileInput = Parameters<typeof profileSchema.parse>[0];

export const profileOf = (parts: object = {}): Profile => {
  const input: ProfileInput = {
    make: 'Rehearsal',
    model: 'SIM-1',
    source: 'test',
    strobe: [recipes.relay],
    siren: [recipes.sirenRelay],
    preset: { alarm: 'alarm', guard: '1' },
    ...parts,
  };
  return profileSchema.parse(input);
};

export interface Bench {
  readonly sim: SimDome;
  readonly dome: OnvifDome;
  readonly facts: Facts;
  readonly clock: Clock;
  /** Requests since the last call of `forgetLog`, as `what auth status`. */
  requests(): string[];
  forgetLog(): void;
  open(): Promise<void>;
  close(): Promise<void>;
}

export interface BenchOptions {
  readonly sim?: SimDomeOptions;
  readonly profile?: object;
  readonly dome?: Partial<OnvifDomeOptions>;
  readonly clock?: Clock;
  /** The driver's address of the dome, whose port it is told. */
  readonly front?: (port: number) => Promise<string>;
}

/** Not opened: tests set the scene first. */
export async function bench(options: BenchOptions = {}): Promise<Bench> {
  const clock = options.clock ?? quickClock();
  const { motion, ...simulated } = options.sim ?? {};
  const sim = await startDome({
    now: () => clock.now().wallMs,
    motion: { now: () => clock.now().monoMs, ...motion },
    after: (ms, call) => clock.after(ms, call),
    ...simulated,
  });
  const facts = new Facts();
  const dome = new OnvifDome({
    url: (await options.front?.(sim.port)) ?? sim.url,
    username: 'admin',
    password: 'secret',
    profile: profileOf(options.profile),
    clock,
    chance: () => 0.5,
    // Most tests have a clock that is wrong for reasons of their own.
    domeClock: 'follow',
    ...options.dome,
  });
  return {
    sim,
    dome,
    facts,
    clock,
    requests: () => sim.log.map(({ what, auth, status }) => `${what} ${auth} ${status}`),
    forgetLog: () => sim.log.splice(0),
    open: () => dome.open(facts),
    async close() {
      await dome.close();
      await sim.close();
    },
  };
}

/** What of a target can be looked at at any time. */
export const lights = ({ motion: _, keyPictures: __, ...target }: DomeTarget) => target;

const resting = { motion: null, keyPictures: { main: null, sub: null } } as const;
export const dark = {
  ...{ strobe: false, siren: false, dayNight: false },
  ...({ preset: 'guard', tracking: false, ...resting } as const),
};
export const lightOnly = { ...dark, strobe: true };
export const alarm = {
  ...{ strobe: true, siren: true, dayNight: true },
  ...({ preset: 'alarm', tracking: true, ...resting } as const),
};

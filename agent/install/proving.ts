// What proves that the terminal works, put together for the daemon: the daily patrol, the desk of an
// acceptance, and the recorder of what is signed.

import { join } from 'node:path';
import type { Identity } from '../contract.ts';
import type { Setup } from '../core/setup.ts';
import { outside, type Range } from '../dome/range.ts';
import type { LoopTry } from '../media/loop-try.ts';
import { patrolVerbs } from '../patrol/control.ts';
import type { PatrolConfig, PatrolWorld } from '../patrol/look.ts';
import { PatrolDriver } from '../patrol/patrol.ts';
import type { Clock, Dome, Ids, Lamp, Strobe } from '../ports.ts';
import { recordVerbs } from '../records/control.ts';
import { Recorder } from '../records/recorder.ts';
import type { Terminal, Watch } from '../terminal.ts';
import { acceptVerbs } from './accept/control.ts';
import { AcceptDesk } from './accept/desk.ts';
import { both, HopBook } from './accept/hops.ts';
import { Levers } from './accept/levers.ts';
import { drillWatch } from './drill-record.ts';

interface Login {
  readonly username: string;
  readonly password: string;
  readonly ca: string | null;
}

export interface ProvingParts {
  readonly config: PatrolConfig & {
    readonly terminal: { readonly id: string };
    readonly identity: Identity;
    readonly platform: { readonly receipts: 'platform' | 'none' };
  };
  readonly setup: Setup;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly store: PatrolWorld['store'];
  readonly line: { cut(forMs: number): void; roundTrip(withinMs: number): Promise<number | null> };
  readonly dome: Dome | null;
  /** Where the dome may look; null: there is none. */
  readonly range: () => Range | null;
  readonly strobe: Strobe | null;
  readonly lamp: Lamp;
  /** How the dome lets us in; null: there is none. */
  readonly login: Login | null;
  readonly loop: LoopTry | null;
  readonly terminal: () => Terminal;
}

/** Before the drivers are built: some of them look at it. */
export class Proving {
  readonly levers: Levers;
  readonly #book: HopBook;
  #parts: ProvingParts | null = null;
  #world: PatrolWorld | null = null;

  constructor(clock: Clock) {
    this.levers = new Levers(clock);
    this.#book = new HopBook(clock);
  }

  /** Looks on beside another. */
  watch = (other: Watch): Watch =>
    both(
      both(other, this.#book),
      drillWatch(() => this.#signer()),
    );

  /** The patrol's driver. */
  open(parts: ProvingParts): PatrolDriver {
    this.#parts = parts;
    this.#world = worldOf(parts);
    return new PatrolDriver(this.#world);
  }

  #signer() {
    const [parts, recorder] = [this.#parts, this.recorder];
    return parts && recorder
      ? { identity: parts.config.identity, make: recorder.make.bind(recorder) }
      : null;
  }

  /** For what else has records signed. */
  get recorder(): Recorder | null {
    return this.#parts && recorderOf(this.#parts);
  }

  /** `restart`: ends the daemon, which its service manager brings back. */
  verbs(restart: () => void) {
    const [parts, world] = [this.#parts, this.#world];
    const desk = parts && world ? this.#desk(parts, world, restart) : null;
    const sink = parts && { emit: parts.terminal().emit.bind(parts.terminal()) };
    return { ...acceptVerbs(desk), ...recordVerbs(this.recorder), ...patrolVerbs(sink) };
  }

  #desk(parts: ProvingParts, world: PatrolWorld, restart: () => void): AcceptDesk {
    const { config, setup, ids, line, dome, strobe, lamp, range, loop, terminal } = parts;
    const { school, gate, address, jurisdiction, divisionCode, gateRoomPhone } = config.identity;
    const { boxes, modbus, gpio } = config;
    const hasLamp = boxes.some(({ indicator }) => indicator) || modbus.length > 0;
    return new AcceptDesk({
      ...{ world, ids, line, lamp, restart, book: this.#book, levers: this.levers },
      emit: (...fact) => terminal().emit(...fact),
      light: dome ?? strobe,
      beyond: () => {
        const limits = range();
        return limits && outside(limits);
      },
      packets: config.media && parts.login ? packetsOf(parts) : null,
      loop: loop && config.media?.sound ? (id) => loop.try(id) : null,
      about: {
        ...{ terminal: config.terminal.id, version: setup.version },
        identity: { school, gate, address, jurisdiction, divisionCode, gateRoomPhone },
        ...{
          dome: dome !== null,
          media: config.media !== null,
          sound: Boolean(config.media?.sound),
        },
        ...{ lamp: hasLamp || Boolean(gpio?.outputs.lamp), receipts: config.platform.receipts },
      },
      uptimeS: () => Math.round(process.uptime()),
    });
  }
}

function worldOf(parts: ProvingParts): PatrolWorld {
  const { config, clock, store, line, login, terminal } = parts;
  const state = () => terminal().state;
  let isBlind = false;
  const look = async (count: number) => {
    const url = state().live.streams.snapshot;
    if (!login || url === null) return [];
    const { Eyes } = await import('../dome/probe/pictures.ts');
    const { ca, ...credentials } = login;
    const eyes = new Eyes({ url, credentials, ca, clock });
    const seen = await eyes.look(count);
    isBlind = eyes.isBlind;
    return seen;
  };
  return {
    ...{ terminal: config.terminal.id, config, clock, state, store, line },
    eyes: login && { look, isBlind: () => isBlind },
  };
}

const packetsOf = ({ login, clock, terminal }: ProvingParts) => {
  return async (forMs: number): Promise<number> => {
    const url = terminal().state.live.streams.main;
    if (!login || url === null) return 0;
    const { packetsOf: count } = await import('./accept/packets.ts');
    const { username, password } = login;
    return await count({ url, username, password }, clock, forMs);
  };
};

const recorderOf = ({ config, clock, store, terminal }: ProvingParts): Recorder =>
  new Recorder({
    ...{ dir: join(config.data.dir, 'records'), terminal: config.terminal.id, clock },
    key: {
      get keyId() {
        return store.evidence.keyId;
      },
      get publicKey() {
        return store.evidence.publicKey;
      },
      sign: (text) => store.sign(text),
    },
    sink: { emit: (...fact) => terminal().emit(...fact) },
    pages: {
      acceptance: async () => (await import('./accept/page.ts')).pagesOf,
      drill: async () => (await import('../evidence/drill-page.ts')).drillPages,
    },
  });

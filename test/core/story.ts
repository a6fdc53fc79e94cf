// A core test is a story in facts: given a setup, these facts happen, and what is decided is looked
// at. No fakes, no clock: time is a number that the story moves.

import { rights } from '#agent/contract.ts';
import type { Command, CommandArgs, Role, SessionOffer } from '#agent/core/command.ts';
import type { Contact, Fact, FactOf, Now } from '#agent/core/fact.ts';
import type { Message, Notice, Reply } from '#agent/core/message.ts';
import { defaultMediaRules } from '#agent/core/session.ts';
import type { Setup } from '#agent/core/setup.ts';
import {
  emptyDurable,
  type Incident,
  initialState,
  type Moment,
  momentOf,
  type State,
} from '#agent/core/state.ts';
import { isRecord, step } from '#agent/core/step.ts';
import type { Wanted } from '#agent/core/target.ts';
import { wanted } from '#agent/core/wanted.ts';

export const setup: Setup = {
  terminal: 't1',
  version: '0.0.0',
  receipts: 'platform',
  debounceMs: 50,
  media: defaultMediaRules,
  rights,
  inputs: {
    desk: { role: 'button', kind: 'emergency', name: 'Desk' },
    gate: { role: 'button', kind: 'emergency', name: 'Gate' },
    quiet: { role: 'button', kind: 'silent', name: 'Under the desk' },
    nurse: { role: 'button', kind: 'medical', name: 'Nurse' },
    fire: { role: 'button', kind: 'fire', name: 'Fire' },
    check: { role: 'button', kind: 'test', name: 'Test' },
    false: { role: 'false-alarm', name: 'False alarm' },
    reset: { role: 'local-reset', name: 'Local reset' },
  },
};

/** The line shows a certificate that ends then. */
export const shownUntil = (untilWallMs: number, fingerprint = 'ab'.repeat(32)): Fact => ({
  ...{ kind: 'certificate.shown', name: 't1', fingerprint, fromWallMs: 0, untilWallMs },
  untilDay: new Date(untilWallMs).toISOString().slice(0, 10),
});

export const offerOf = (session: string, change: Partial<SessionOffer> = {}) => ({
  ...({ verb: 'session.offer', session, kind: 'talk', sdp: 'v=0', turn: null } as const),
  ...({ incident: null, mode: 'talk', stream: 'auto', replaces: null } as const),
  ...change,
});

export class Story {
  state: State;
  monoMs = 1_000_000;
  wallMs = Date.UTC(2026, 10, 21, 8);
  bootId = 'boot-1';
  clock: Now['clock'] = 'good';
  /** Everything ever enqueued, settled and answered, in order. */
  told: Message[] = [];
  settled: string[] = [];
  answers: Reply[] = [];
  notices: Notice['notice'][] = [];
  /** Facts of the hash chain, in order. */
  records: Fact[] = [];
  /** The same with their moments. */
  recorded: { readonly at: Moment; readonly fact: Fact }[] = [];
  #facts = 0;
  #presses: Record<string, number> = {};

  constructor(options: Partial<Setup> = {}) {
    this.state = initialState(emptyDurable, { ...setup, ...options });
    this.happens({ kind: 'terminal.started', version: '0.0.0' });
    for (const input of Object.keys(setup.inputs)) this.contact(input, 'normal');
    this.told = [];
  }

  happens(fact: Fact): this {
    const now: Now = { id: `f${++this.#facts}`, ...this.now };
    const before = this.state;
    const stepped = step(before, fact, now);
    this.state = stepped.state;
    const kept = [...(isRecord(fact, before, stepped) ? [fact] : []), ...stepped.record];
    this.records.push(...kept);
    this.recorded.push(...kept.map((one) => ({ at: momentOf(now), fact: one })));
    this.told.push(...stepped.enqueue);
    this.settled.push(...stepped.settle);
    this.answers.push(...stepped.send);
    this.notices.push(...stepped.notices.map(({ notice }) => notice));
    return this;
  }

  get now() {
    const { bootId, monoMs, wallMs, clock } = this;
    return { bootId, monoMs, wallMs, clock };
  }

  /** Lets time pass and wakes the core whenever it asked to be woken. */
  passes(ms: number): this {
    const end = this.monoMs + ms;
    for (let wakes = 0; ; wakes++) {
      const at = this.wanted.wakeAtMs;
      if (at === null || at > end) break;
      if (wakes > 1000) throw new Error('the core never stops waking');
      this.#moveTo(Math.max(at, this.monoMs));
      this.happens({ kind: 'time.passed' });
    }
    this.#moveTo(end);
    return this;
  }

  /** A box tells the contact; `presses` counts as the box counts. */
  contact(
    input: string,
    contact: Contact,
    presses = this.#presses[input] ?? 0,
    seen: { readonly edgeMs?: number; readonly earliestMs?: number | null } = {},
  ): this {
    this.#presses[input] = presses;
    const count = { session: 'a1b2', total: presses };
    const edgeMs = this.monoMs;
    return this.happens({ kind: 'input.changed', input, contact, edgeMs, count, ...seen });
  }

  /** A person presses for 200 ms. */
  press(input: string): this {
    this.contact(input, 'pressed', (this.#presses[input] ?? 0) + 1).passes(200);
    return this.contact(input, 'normal').passes(200);
  }

  ack(...incidents: Incident[]): this {
    return this.happens({ kind: 'uplink.acked', ids: incidents.map(({ id }) => id) });
  }

  receipt(...incidents: Incident[]): this {
    return this.happens({ kind: 'uplink.received', ids: incidents.map(({ id }) => id) });
  }

  command(args: CommandArgs, change: Partial<Command> = {}): this {
    const role: Role = '110-city';
    return this.happens({
      kind: 'command.received',
      id: `c${this.#facts}`,
      role,
      user: 'li',
      args,
      bootId: this.bootId,
      issuedMs: this.wallMs,
      lifetimeMs: 30_000,
      retained: false,
      replyTo: 'gate/v1/t1/reply/110-city/li/x',
      correlation: null,
      ...change,
    });
  }

  /** Takes the stick. Returns the lease, or what stands in its place in a refusal. */
  takes(by: Pick<Command, 'role' | 'user'>, change: Partial<Command> = {}): string {
    const replyTo = `gate/v1/t1/reply/${by.role}/${by.user}/stick`;
    this.command({ verb: 'stick.take', lease: null }, { ...by, replyTo, ...change });
    return String(this.lastAnswer?.result?.lease ?? this.lastAnswer?.reason);
  }

  /** A hand on the stick. */
  moves(change: Partial<FactOf<'stick.moved'>> & Pick<FactOf<'stick.moved'>, 'lease' | 'n'>): this {
    const still = { pan: 0, tilt: 0, zoom: 0, forMs: 500, retained: false } as const;
    return this.happens({ kind: 'stick.moved', role: '110-city', user: 'li', ...still, ...change });
  }

  /** The process ends and starts again: live state is gone. `bootId`: the machine rebooted. */
  restarts(bootId = this.bootId): this {
    if (bootId !== this.bootId) {
      this.bootId = bootId;
      this.monoMs = 5_000;
    }
    this.state = initialState(this.state.durable, this.state.live.setup);
    return this.happens({ kind: 'terminal.started', version: '0.0.0' });
  }

  get wanted(): Wanted {
    return wanted(this.state, this.now);
  }

  get word() {
    return this.wanted.lamp.word;
  }

  get incidents(): Incident[] {
    return Object.values(this.state.durable.incidents);
  }

  /** The incident of an input; the newest, and there must be one. */
  of(input: string): Incident {
    const incident = this.incidents.filter((one) => one.input === input).at(-1);
    if (!incident) throw new Error(`no incident of ${input}`);
    return incident;
  }

  toldKinds(): string[] {
    return this.told.map(({ body }) => body.kind);
  }

  get lastAnswer() {
    return this.answers.at(-1)?.answer;
  }

  #moveTo(monoMs: number): void {
    const step = Math.max(0, monoMs - this.monoMs);
    this.monoMs += step;
    this.wallMs += step;
  }
}

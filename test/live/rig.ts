// The live process as the daemon runs it: under the supervisor, told through the wire what is wanted.
// Tests and benchmarks put viewers of any kind (browser, library) on top.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fact } from '#agent/core/fact.ts';
import { nodeFlags } from '#agent/media/media.ts';
import {
  type LiveWanted,
  liveWanted,
  type MediaSaid,
  type MediaSource,
  mediaSaid,
} from '#agent/media/wire.ts';
import { systemClock } from '#agent/system/clock.ts';
import { Supervisor } from '#agent/system/supervisor.ts';
import { until } from '#test/support/wait.ts';

type Session = LiveWanted['sessions'][number];
type Candidate = Session['candidates'][number];

const entry = join(import.meta.dirname, '../../agent/media/live/main.ts');
export const domeLogin = { username: 'admin', password: 'secret' } as const;

export const sourceOf = (url: string): MediaSource => ({ url, ...domeLogin });

export class LiveRig {
  readonly facts: Fact[] = [];
  readonly said: MediaSaid[] = [];
  readonly words: string[] = [];
  ups = 0;
  heard: ((said: MediaSaid) => void) | undefined;
  readonly #supervisor: Supervisor<MediaSaid, LiveWanted>;
  #wanted: LiveWanted = {
    ...{ sessions: [], main: null, sub: null, warm: false, evidence: null },
  };

  constructor(
    options: {
      readonly env?: NodeJS.Dict<string>;
      readonly heard?: LiveRig['heard'];
      /** A life of so long was a good one: the next after it comes at once. */
      readonly wellMs?: number;
    } = {},
  ) {
    this.heard = options.heard;
    this.#supervisor = new Supervisor({
      place: 'live',
      command: [process.execPath, ...nodeFlags, entry],
      env: { PATH: process.env.PATH ?? '', ...options.env },
      hears: mediaSaid,
      tells: liveWanted,
      clock: systemClock(),
      chance: () => 0.5,
      heard: (said) => {
        this.said.push(said);
        this.heard?.(said);
      },
      up: () => {
        this.ups++;
        this.#tell();
      },
      said: (line) => void this.words.push(line),
      // Beside other suites on two cores it takes a while to come up.
      limits: { helloMs: 20_000, ...(options.wellMs ? { wellMs: options.wellMs } : {}) },
    });
  }

  get pid(): number {
    const { pid } = this.#supervisor;
    if (pid === null) throw new Error('the live process is not there');
    return pid;
  }

  async open(wanted: Partial<LiveWanted> = {}): Promise<this> {
    this.#wanted = { ...this.#wanted, ...wanted };
    this.#supervisor.open({ emit: (fact) => void this.facts.push(fact) });
    await until(() => this.ups > 0, { withinMs: 20_000, what: 'the live process' });
    return this;
  }

  want(change: Partial<LiveWanted>): void {
    this.#wanted = { ...this.#wanted, ...change };
    this.#tell();
  }

  #tell(): void {
    this.#supervisor.send(this.#wanted);
  }

  /** A new session; returns the answer. Throws when it is closed instead. */
  async offer(session: Pick<Session, 'id' | 'sdp'> & Partial<Session>): Promise<string> {
    const whole: Session = { candidates: [], iceServers: [], stream: 'main', ...session };
    this.want({ sessions: [...this.#wanted.sessions, whole] });
    return until(
      () => {
        const closed = this.closed(session.id);
        if (closed) throw new Error(`${closed.reason}: ${closed.detail}`);
        return this.of(session.id).find((said) => said.t === 'answered')?.sdp;
      },
      { withinMs: 10_000, what: `the answer to ${session.id}` },
    );
  }

  /** More of a client's candidates. */
  candidates(id: string, more: readonly Candidate[]): void {
    const sessions = this.#wanted.sessions.map((one) =>
      one.id === id ? { ...one, candidates: [...one.candidates, ...more] } : one,
    );
    this.want({ sessions });
  }

  /** Another stream of a session. */
  stream(id: string, stream: Session['stream']): void {
    const sessions = this.#wanted.sessions.map((one) => (one.id === id ? { ...one, stream } : one));
    this.want({ sessions });
  }

  bye(id: string): void {
    this.want({ sessions: this.#wanted.sessions.filter((one) => one.id !== id) });
  }

  /** What was said of a session. */
  of(id: string): Extract<MediaSaid, { session: string }>[] {
    return this.said.filter((said) => 'session' in said).filter((said) => said.session === id);
  }

  gathered(id: string): Candidate[] {
    return this.of(id).flatMap((said) => (said.t === 'gathered' ? said.candidates : []));
  }

  closed(id: string) {
    return this.of(id).find((said) => said.t === 'closed');
  }

  /** What was last said of `live.feed`; undefined: nothing yet. */
  get fault(): string | null | undefined {
    return this.said.findLast((said) => said.t === 'fault')?.detail;
  }

  /** SIGKILL, as a crash would be. */
  kill(): void {
    process.kill(this.pid, 'SIGKILL');
  }

  async close(): Promise<void> {
    await this.#supervisor.close();
  }
}

export function runs(pid: number): boolean {
  const stat = `/proc/${pid}/stat`;
  // Dead and not yet buried by whoever inherited it is dead.
  return existsSync(stat) && !/\) [ZX] /.test(readFileSync(stat, 'latin1'));
}

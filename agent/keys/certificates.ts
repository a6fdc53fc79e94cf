// The login of the line: certificate, key and authority as they are shown now. Asks for the next one with a
// key made here, takes what the platform offers or a person puts in the place of the files, and goes over to
// it when core says that nobody needs the line; the old one stays until the broker has taken the new
// (trial.ts). What a person has put there goes before what was renewed over the line.

import type { Job } from '../core/state.ts';
import type { CertificateTarget } from '../core/target.ts';
import type { Clock, Ids, Certificates as Port, Sink } from '../ports.ts';
import { commonNameOf, readChain } from './certificate.ts';
import { makeKey, requestFor } from './csr.ts';
import { Drawer, type Kept } from './drawer.ts';
import { fingerprintOf, type Login, leafOf, wrongWith } from './login.ts';
import { type LoginFiles, readFiles, stampOf } from './login-files.ts';
import { reasonOf } from './reason.ts';
import { Trial, type TrialTimes, trialTimes } from './trial.ts';

export type { Login } from './login.ts';
export type { LoginFiles } from './login-files.ts';

export interface CertificatesOptions {
  /** Of keys, below the data directory. */
  readonly dir: string;
  readonly configured: Login;
  readonly files: LoginFiles;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Begins the line anew, with what `login` is now. */
  readonly relogin: (why: string) => void;
  /** A key that no log may show. */
  readonly hide: (key: string) => void;
  readonly times?: Partial<TrialTimes>;
}

const lookEveryMs = 30_000;

interface Next {
  readonly login: Login;
  readonly from: 'offer' | 'files';
  tries: number;
  /** Monotonic; not before. */
  notBeforeMs: number;
}

export class Certificates implements Port {
  readonly #options: CertificatesOptions;
  readonly #drawer: Drawer;
  readonly #times: TrialTimes;
  #sink: Sink | null = null;
  #login: Login;
  /** As the files have it: what a person wants. */
  #configured: Login;
  #target: CertificateTarget = { asks: false, mayChange: false };
  #next: Next | null = null;
  #trial: Trial<Login> | null = null;
  /** The last try of the line went well; `elsewhere`: it is with a broker that is shown another login. */
  #line: 'well' | 'down' | 'elsewhere' = 'down';
  #seen = '';
  #faults = new Map<string, string>();
  #cancel: () => void = () => undefined;
  #cancelNext: () => void = () => undefined;

  constructor(options: CertificatesOptions) {
    this.#options = options;
    this.#drawer = new Drawer(options.dir);
    this.#times = { ...trialTimes, ...options.times };
    this.#login = options.configured;
    this.#configured = options.configured;
  }

  /** What is shown now; asked for at each connection. */
  get login(): Login {
    return this.#login;
  }

  /** Finds what was renewed. Before the line is opened. */
  load(): void {
    this.#seen = stampOf(this.#options.files);
    if (this.#configured.cert === undefined) return;
    this.#guarded(() => {
      const [renewed, offered] = [this.#kept('renewed'), this.#kept('offered')];
      if (renewed) this.#login = this.#loginOf(renewed);
      if (offered) this.#next = nextOf(this.#loginOf(offered), 'offer');
      const request = this.#drawer.read('request');
      if (renewed && request?.request === renewed.request) this.#drawer.drop('request');
      if (request) this.#options.hide(request.key);
    });
  }

  async open(sink: Sink): Promise<void> {
    this.#sink = sink;
    for (const [fault, detail] of this.#faults) sink.emit({ kind: 'fault.raised', fault, detail });
    this.#tellShown();
    this.#lookLater();
  }

  async close(): Promise<void> {
    this.#cancel();
    this.#cancelNext();
    this.#trial?.close();
    this.#sink = null;
  }

  want(target: CertificateTarget): void {
    const isNews = target.asks && !this.#target.asks;
    this.#target = target;
    if (isNews) this.#guarded(() => this.#ask());
    this.#consider();
  }

  /** Takes what the platform offers: looked at and on the disk when it is answered. */
  run(job: Job): void {
    if (job.what !== 'certificate.take') return;
    const { id, request, chain } = job;
    this.#guarded(
      () => {
        const taken = this.#take(request, chain);
        if (typeof taken !== 'string') this.#sink?.emit({ kind: 'job.done', id, result: taken });
        else this.#sink?.emit({ kind: 'job.failed', id, reason: taken });
      },
      (why) => this.#sink?.emit({ kind: 'job.failed', id, reason: why }),
    );
    this.#consider();
  }

  /** The line tells how its last try went; null: the broker has acknowledged something. `isOurs`: it was
   * shown this login. */
  judged(reason: string | null, isOurs: boolean): void {
    this.#line = isOurs ? (reason === null ? 'well' : 'down') : 'elsewhere';
    if (!isOurs) return;
    if (reason === null) this.#trial?.proven();
    else this.#trial?.failed(reason);
    this.#consider();
  }

  #ask(): void {
    const follows = fingerprintOf(this.#configured.cert);
    const before = this.#drawer.read('request');
    const name = this.#name;
    const kept: Kept =
      before?.follows === follows
        ? before
        : { request: this.#options.ids.next(), follows, key: makeKey(), chain: '' };
    this.#options.hide(kept.key);
    if (kept !== before) this.#drawer.write('request', kept);
    const csr = requestFor(kept.key, name);
    this.#sink?.emit({ kind: 'certificate.requested', request: kept.request, csr });
  }

  get #name(): string {
    const chain = readChain(this.#login.cert ?? '');
    return typeof chain === 'string' ? '' : commonNameOf(chain[0]);
  }

  /** What the answer says, or why it is refused. */
  #take(request: string, chain: string) {
    const done = [this.#kept('renewed'), this.#kept('offered')].find(
      (one) => one?.request === request && one.chain.trim() === chain.trim(),
    );
    const kept = done ?? this.#drawer.read('request');
    if (kept?.request !== request)
      return `${request} is not asked for${kept ? `; ${kept.request} is` : ''}`;
    const { wallMs, clock } = this.#options.clock.now();
    const nowMs = clock === 'good' ? wallMs : null;
    const wrong = wrongWith({ chain, key: kept.key, nowMs }, this.#login);
    if (wrong !== null) return wrong;
    if (!done) {
      const offered = { ...kept, chain: `${chain.trim()}\n` };
      this.#drawer.write('offered', offered);
      this.#next = nextOf(this.#loginOf(offered), 'offer');
    }
    const [leaf] = leafOf(chain);
    return { fingerprint: fingerprintOf(chain), untilWallMs: leaf.validToDate.getTime() };
  }

  /** Goes over to what is waiting, where that disturbs nobody. */
  #consider(): void {
    const next = this.#next;
    const { clock } = this.#options;
    if (!next || this.#trial || !this.#sink || this.#line === 'elsewhere') return;
    // A line that is down has nothing to lose by another login.
    if (this.#line === 'well' && !this.#target.mayChange) return;
    const inMs = next.notBeforeMs - clock.now().monoMs;
    this.#cancelNext();
    if (inMs > 0) {
      this.#cancelNext = clock.after(inMs, () => this.#consider());
      return;
    }
    const old = this.#login;
    const options = {
      ...{ clock, withinMs: this.#times.withinMs },
      show: (login: Login, atOnce: boolean) => {
        this.#login = login;
        if (atOnce) this.#options.relogin('another certificate is shown');
      },
      ended: (taken: boolean, reason: string) => this.#tried(next, taken, reason),
    };
    this.#trial = new Trial(options, { old, fresh: next.login });
    this.#trial.begin();
  }

  #tried(next: Next, taken: boolean, reason: string): void {
    this.#trial = null;
    next.tries += 1;
    if (taken) return this.#taken(next);
    const isOver = next.tries >= this.#times.triesMax;
    const what = next.from === 'offer' ? 'offered by the platform' : 'that is in the files now';
    const then = isOver ? 'it is not tried again' : 'it is tried again in 10 minutes';
    this.#fault(
      'certificate.refused',
      `the broker did not take the certificate ${what}: ${reason}; the old one is in use, ${then}`,
    );
    next.notBeforeMs = this.#options.clock.now().monoMs + this.#times.pauseMs;
    if (!isOver) return this.#consider();
    if (this.#next === next) this.#next = null;
    if (next.from === 'offer') this.#guarded(() => this.#drawer.drop('offered', 'request'));
  }

  #taken(next: Next): void {
    if (this.#next === next) this.#next = null;
    if (next.from === 'offer') this.#guarded(() => this.#drawer.adopt());
    this.#fault('certificate.refused', null);
    this.#tellShown();
    this.#consider();
  }

  #tellShown(): void {
    const { cert } = this.#login;
    if (cert === undefined) return;
    const [leaf] = leafOf(cert);
    const [fromWallMs, untilWallMs] = [leaf.validFromDate.getTime(), leaf.validToDate.getTime()];
    this.#sink?.emit({
      ...{ kind: 'certificate.shown', name: commonNameOf(leaf), fingerprint: fingerprintOf(cert) },
      ...{ fromWallMs, untilWallMs, untilDay: new Date(untilWallMs).toISOString().slice(0, 10) },
    });
  }

  #kept(step: 'renewed' | 'offered'): Kept | null {
    const kept = this.#drawer.read(step);
    // A person has put another certificate into the files since.
    if (kept?.follows !== fingerprintOf(this.#configured.cert)) return null;
    return typeof readChain(kept.chain) === 'string' ? null : kept;
  }

  #loginOf({ key, chain }: Kept): Login {
    this.#options.hide(key);
    return { ca: this.#configured.ca, cert: chain, key };
  }

  #lookLater(): void {
    this.#cancel = this.#options.clock.after(lookEveryMs, () => {
      this.look();
      this.#lookLater();
    });
  }

  /** Whether the files have been changed, and to what. */
  look(): void {
    const seen = stampOf(this.#options.files);
    if (seen === this.#seen) return;
    this.#seen = seen;
    const read = readFiles(this.#options.files);
    const isWrong = typeof read === 'string';
    this.#fault('certificate.files', isWrong ? read : null);
    if (isWrong) return;
    const { ca, cert, key } = this.#configured;
    if (read.ca === ca && read.cert === cert && read.key === key) return;
    if (read.key !== undefined) this.#options.hide(read.key);
    const isSame = read.cert === cert && read.key === key;
    this.#configured = read;
    const login = isSame ? { ...this.#login, ca: read.ca } : read;
    this.#next = nextOf(login, 'files');
    this.#consider();
  }

  /** A disk that fails costs the renewal, and nothing else. */
  #guarded(work: () => void, failed: (why: string) => void = () => undefined): void {
    try {
      work();
      this.#fault('certificate.disk', null);
    } catch (error) {
      const why = `the next certificate cannot be kept: ${reasonOf(error)}`;
      this.#fault('certificate.disk', why);
      failed(why);
    }
  }

  #fault(fault: string, detail: string | null): void {
    const told = this.#faults.get(fault) ?? null;
    if (told === detail) return;
    if (told !== null) this.#sink?.emit({ kind: 'fault.cleared', fault });
    if (detail === null) this.#faults.delete(fault);
    else this.#faults.set(fault, detail);
    if (detail !== null) this.#sink?.emit({ kind: 'fault.raised', fault, detail });
  }
}

const nextOf = (login: Login, from: Next['from']): Next => ({
  ...{ login, from, tries: 0, notBeforeMs: Number.NEGATIVE_INFINITY },
});

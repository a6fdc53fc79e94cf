// The panel's server in this process, before a daemon that is played: what it is asked is written down, and
// what it answers is the test's.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ControlServer } from '#agent/control.ts';
import type { LocalOutcome, LocalView } from '#agent/local/words.ts';
import { localAsk } from '#agent/local/words.ts';
import { createLog } from '#agent/log.ts';
import { ownCertificate } from '#agent/panel/certificate.ts';
import type { LocalAsk } from '#agent/panel/daemon.ts';
import { pageFiles } from '#agent/panel/files.ts';
import { pinFileText } from '#agent/panel/pin.ts';
import { PanelServer } from '#agent/panel/server.ts';
import type { Clock } from '#agent/ports.ts';
import { systemClock } from '#agent/system/clock.ts';
import { Browser } from './browser.ts';

export const pins = { right: '482915', duress: '731406' } as const;

export const atRest: LocalView = {
  nowWallMs: Date.UTC(2026, 10, 21),
  ...{ clock: 'good', version: '9.9.9', uptimeS: 100, rssMb: 50 },
  armed: {
    ...{ terminal: 't1', school: '演练小学', gate: '东门', online: true, broker: 'mqtt://b' },
    lamp: { word: 'ready', sinceWallMs: null, mark: null },
    ...{ muted: false, mayClaim: false, lights: { strobe: false, siren: false } },
    ...{ faults: [], callers: [], alarms: [], window: null, inputs: [], outboxRows: 0, records: 1 },
  },
};

export class Rig {
  /** What the daemon was asked to do. */
  readonly acts: LocalAsk[] = [];
  readonly lines: string[] = [];
  view: LocalView = atRest;
  outcome: LocalOutcome = { ok: true, result: {} };
  picture: Buffer | null = null;
  /** Of its configuration. */
  metrics = false;
  port = 0;
  readonly dir = mkdtempSync(join(tmpdir(), 'gate-panel-'));
  readonly #browsers: Browser[] = [];
  #laterMs = 0;
  #control: ControlServer | null = null;
  #panel: PanelServer | null = null;
  #ca = '';

  async open(): Promise<this> {
    writeFileSync(this.pinFile, await pinFileText(pins.right, pins.duress));
    const page = join(this.dir, 'page');
    mkdirSync(page);
    writeFileSync(join(page, 'index.html'), '<!doctype html><title>panel</title>');
    await this.daemonUp();
    const certificate = ownCertificate(join(this.dir, 'state'), Date.now());
    this.#ca = certificate.cert;
    const sink = { write: (line: string) => void this.lines.push(line), flush: () => undefined };
    const log = createLog({ level: 'info', sink });
    this.#panel = new PanelServer({
      ...{ version: '9.9.9', clock: this.#clock, log, socket: this.socket, certificate },
      ...{ pinFile: this.pinFile, listen: { host: '127.0.0.1', port: 0 }, names: ['gate.example'] },
      ...{ page: pageFiles(page), metrics: this.metrics },
    });
    this.port = await this.#panel.open();
    return this;
  }

  async close(): Promise<void> {
    for (const browser of this.#browsers) browser.close();
    await this.#panel?.close();
    await this.#control?.close();
    rmSync(this.dir, { recursive: true, force: true });
  }

  get pinFile(): string {
    return join(this.dir, 'pin.json');
  }

  get socket(): string {
    return join(this.dir, 'control.sock');
  }

  browser(): Browser {
    const browser = new Browser(this.port, this.#ca);
    this.#browsers.push(browser);
    return browser;
  }

  async signedIn(pin: string = pins.right): Promise<Browser> {
    const browser = this.browser();
    const { status } = await browser.post('/api/sign-in', { pin, name: '王师傅' });
    if (status !== 200) throw new Error(`sign-in: ${status}`);
    return browser;
  }

  /** Lets the panel's clock jump; its timers stay as they are. */
  later(ms: number): void {
    this.#laterMs += ms;
  }

  async daemonUp(): Promise<void> {
    this.#control = new ControlServer({
      path: this.socket,
      clock: systemClock(),
      verbs: {
        'local.view': () => this.view,
        'local.do': (args) => {
          this.acts.push(localAsk.parse(args));
          return this.outcome;
        },
        'local.picture': (args) => this.#piece(Number(args.from)),
        'local.log': () => ({ lines: ['{"line":1}'], next: null }),
        metrics: () => ({ text: 'gate_armed 1\n' }),
        'local.config': () => ({ terminal: { id: 't1' } }),
      },
    });
    await this.#control.open();
  }

  async daemonDown(): Promise<void> {
    await this.#control?.close();
    this.#control = null;
  }

  #piece(from: number) {
    if (!this.picture) throw new Error('no picture');
    const data = this.picture.subarray(from, from + 1_000).toString('base64');
    return { of: '1', bytes: this.picture.length, takenWallMs: 5, data };
  }

  readonly #clock: Clock = (() => {
    const real = systemClock();
    return {
      now: () => {
        const { monoMs, wallMs, ...rest } = real.now();
        return { ...rest, monoMs: monoMs + this.#laterMs, wallMs: wallMs + this.#laterMs };
      },
      after: real.after,
    };
  })();
}

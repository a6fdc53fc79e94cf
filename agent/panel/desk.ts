// What becomes of a request that may be obeyed: a route is a line here. Decides nothing about the terminal;
// the daemon does. Nothing of it differs between the right PIN and the one for duress.

import type { ServerResponse } from 'node:http';
import { release } from 'node:os';
import type * as z from 'zod';
import { ControlFailed } from '../control.ts';
import { type AskedAct, picturePiece } from '../local/words.ts';
import type { Log } from '../log.ts';
import type { Clock } from '../ports.ts';
import * as api from './api.ts';
import type { Served } from './certificate.ts';
import { Daemon } from './daemon.ts';
import { type Asking, Door } from './door.ts';
import { networkNow } from './network.ts';
import { sendJson } from './reply.ts';
import { bodyOf, Turned } from './request.ts';
import type { Session } from './sessions.ts';
import { Streams } from './stream.ts';
import { supportBundle } from './support.ts';
import { guardViewOf, inputsViewOf } from './view.ts';
import { clockText } from './words.ts';

export interface DeskOptions {
  readonly version: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly socket: string;
  readonly pinFile: string;
  readonly certificate: Served;
}

/** Claims that need no PIN, a minute. */
const claimsAMinute = 20;
const minuteMs = 60_000;
const piecesMax = 64;

export class Desk {
  readonly #options: DeskOptions;
  readonly #daemon: Daemon;
  readonly #door: Door;
  readonly #streams: Streams;
  #claims: number[] = [];
  #word = { text: '', sinceWallMs: 0 };

  constructor(options: DeskOptions) {
    const { clock, socket } = options;
    this.#options = options;
    this.#daemon = new Daemon(socket, clock);
    this.#door = new Door(options, this.#daemon);
    this.#streams = new Streams(clock);
  }

  close(): void {
    this.#door.close();
    this.#streams.close();
    this.#daemon.close();
  }

  /** As Prometheus reads them. Throws `Turned`. */
  async metrics(): Promise<string> {
    const told = await this.#daemon.ask('metrics').catch((error: unknown) => {
      throw error instanceof ControlFailed ? new Turned('no-daemon') : error;
    });
    return typeof told === 'object' && told !== null && 'text' in told ? String(told.text) : '';
  }

  /** Throws `Turned`. */
  async answer(asking: Asking): Promise<void> {
    const { request, response, route } = asking;
    // A stream is opened anew by the browser, not by a hand.
    const isUse = route !== api.routes.events && route !== api.routes.session;
    const session = this.#door.find(request.headers.cookie, isUse);
    if (route.pin && !session) throw new Turned('no-session');
    const { routes } = api;
    switch (route) {
      case routes.view:
        await this.#daemon.look();
        return sendJson(response, this.#guardView());
      case routes.events:
        return this.#stream(asking, session);
      case routes.session:
        return sendJson(response, this.#door.view(session));
      case routes.falseAlarm:
        return this.#claim(asking, session);
      case routes.signIn:
      case routes.signOut:
        await (route === routes.signIn ? this.#door.signIn : this.#door.signOut)(asking, session);
        return this.#streams.tell();
    }
    if (session) return this.#behindPin(asking, session);
  }

  async #behindPin({ request, response, route }: Asking, session: Session): Promise<void> {
    const { routes, noBody } = api;
    switch (route) {
      case routes.inputs:
        await this.#daemon.look();
        return sendJson(response, inputsViewOf(this.#daemon.view));
      case routes.picture:
        return this.#picture(response);
      case routes.test: {
        const { part } = await bodyOf(request, api.testBody);
        return this.#done(response, session, { do: 'test', part });
      }
      case routes.windowOpen: {
        const window = await bodyOf(request, api.windowBody);
        const result = await this.#act(session, { do: 'window.open', window });
        return sendJson(response, api.windowOpened.parse(result));
      }
      case routes.windowClose:
      case routes.mute:
      case routes.reset:
      case routes.restart:
        await bodyOf(request, noBody);
        return this.#done(response, session, { do: plainActs[route.path] });
      case routes.system:
        return sendJson(response, await this.#system());
      case routes.support:
        return this.#support(response);
    }
    throw new Turned('not-found');
  }

  // ---- what they want ---------------------------------------------------------------------------

  async #claim({ request, response }: Asking, session: Session | null): Promise<void> {
    await bodyOf(request, api.noBody);
    const { monoMs } = this.#options.clock.now();
    this.#claims = this.#claims.filter((ms) => monoMs - ms < minuteMs);
    const [oldest] = this.#claims;
    if (oldest !== undefined && this.#claims.length >= claimsAMinute)
      throw new Turned('too-many', Math.ceil(minuteMs - (monoMs - oldest)));
    this.#claims.push(monoMs);
    sendJson(response, api.claimed.parse(await this.#act(session, { do: 'false-alarm' })));
    await this.#news();
  }

  async #done(response: ServerResponse, session: Session, act: AskedAct): Promise<void> {
    await this.#act(session, act);
    sendJson(response, { ok: true } satisfies z.infer<typeof api.done>);
    await this.#news();
  }

  async #act(session: Session | null, act: AskedAct): Promise<{ [key: string]: unknown }> {
    const who = { user: session?.name || 'panel', duress: session?.duress ?? false };
    const outcome = await orNoDaemon(this.#daemon.act({ ...who, act }));
    if (outcome.ok) return outcome.result;
    const { reason } = outcome;
    this.#options.log.info({ kind: act.do, reason }, 'the daemon refused');
    if (reason === 'incident-open' || reason === 'busy') throw new Turned(reason);
    throw reason === 'too-many' ? new Turned('too-many', minuteMs) : new Turned('failed');
  }

  /** What was just done is seen at once. */
  async #news(): Promise<void> {
    if (this.#streams.size === 0) return;
    await this.#daemon.look(0);
    this.#streams.tell();
  }

  // ---- what they see ----------------------------------------------------------------------------

  #stream({ response, address }: Asking, session: Session | null): void {
    let stop = (): void => undefined;
    const now = () => {
      const own = session && this.#door.isOpen(session) ? session : null;
      return {
        view: this.#guardView(),
        session: this.#door.view(own),
        inputs: own ? inputsViewOf(this.#daemon.view) : null,
      };
    };
    this.#streams.open(response, address, now, () => stop());
    stop = this.#daemon.watch(() => this.#streams.tell());
  }

  #guardView(): api.GuardView {
    const { view, answers } = this.#daemon;
    const { wallMs } = this.#options.clock.now();
    const known = { view, answers, nowWallMs: wallMs, wordSinceWallMs: this.#word.sinceWallMs };
    const { text } = guardViewOf(known).lamp;
    if (text.en !== this.#word.text) this.#word = { text: text.en, sinceWallMs: wallMs };
    return guardViewOf({ ...known, wordSinceWallMs: this.#word.sinceWallMs });
  }

  async #system(): Promise<api.SystemView> {
    await this.#daemon.look();
    const { clock, version, certificate } = this.#options;
    const { view, answers } = this.#daemon;
    const { wallMs } = clock.now();
    const quality = (answers && view?.clock) || 'unknown';
    const { fingerprint, untilWallMs, selfSigned } = certificate;
    return {
      versions: {
        ...{ agent: view?.version ?? '', panel: version },
        ...{ node: process.version, kernel: release() },
      },
      uptimeS: view?.uptimeS ?? 0,
      network: {
        ...networkNow(),
        broker: view?.armed?.broker ?? null,
        online: answers && view?.armed?.online === true,
      },
      clock: {
        ...{ wallMs, quality, text: clockText(quality) },
        timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      },
      certificate: { fingerprint, untilWallMs, selfSigned },
      figures: {
        outboxRows: view?.armed?.outboxRows ?? 0,
        records: view?.armed?.records ?? 0,
        rssMb: view?.rssMb ?? 0,
      },
    };
  }

  async #picture(response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    let [of, from, total, taken]: [string | null, number, number, number] = [null, 0, 1, 0];
    for (let n = 0; n < piecesMax && from < total; n += 1) {
      const piece = picturePiece.parse(
        await orNoDaemon(this.#daemon.ask('local.picture', { from, of }, pictureMs)),
      );
      const bytes = Buffer.from(piece.data, 'base64');
      pieces.push(bytes);
      [of, total, taken] = [piece.of, piece.bytes, piece.takenWallMs];
      from += bytes.length;
      if (bytes.length === 0) break;
    }
    const jpeg = Buffer.concat(pieces);
    if (jpeg.length === 0 || jpeg.length !== total) throw new Turned('no-picture');
    response.writeHead(200, {
      'Content-Type': 'image/jpeg',
      'Content-Length': jpeg.length,
      'X-Taken-Wall-Ms': String(Math.round(taken)),
    });
    response.end(jpeg);
  }

  async #support(response: ServerResponse): Promise<void> {
    const { log, version, clock } = this.#options;
    const { wallMs } = clock.now();
    const bundle = await supportBundle({ daemon: this.#daemon, log, version, wallMs });
    const day = new Date(wallMs).toISOString().slice(0, 10);
    response.writeHead(200, {
      'Content-Type': 'application/zip',
      'Content-Disposition': `attachment; filename="gate-agent-support-${day}.zip"`,
    });
    response.on('error', () => bundle.destroy());
    bundle.pipe(response);
  }
}

/** The dome has 4 s, and is asked up to three times. */
const pictureMs = 14_000;

const plainActs = {
  [api.routes.windowClose.path]: 'window.close',
  [api.routes.mute.path]: 'mute',
  [api.routes.reset.path]: 'reset',
  [api.routes.restart.path]: 'restart',
} as const;

/** A daemon that says no to a picture has none; one that says nothing is not there. */
async function orNoDaemon<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof ControlFailed)) throw error;
    throw new Turned(error.reason === 'refused' ? 'no-picture' : 'no-daemon');
  }
}

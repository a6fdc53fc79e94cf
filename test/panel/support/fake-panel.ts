// The panel's server as its page knows it (agent/panel/api.ts), with states to be set by hand: what it tells
// goes through the same schemas, so that it cannot tell what the real one could not. It can also fall silent
// on open lines, and go away.

import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import {
  type EventName,
  events,
  type GuardView,
  guardView,
  type InputsView,
  inputsView,
  type Problem,
  problems,
  type RouteName,
  routes,
  type SessionView,
  sessionView,
  signInBody,
  systemView,
  testBody,
  windowBody,
} from '#agent/panel/api.ts';
import { buildPage } from '#test/support/build-page.ts';
import { idle, inputs, system } from './views.ts';

const types: { readonly [end: string]: string } = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};
const beatMs = 1_000;

export const pin = '135790';
/** Tells the same story, and an alarm to the platform. */
export const duressPin = '246802';

interface Asked {
  readonly route: RouteName;
  readonly body: unknown;
}

type Say = { readonly status?: number; readonly body: unknown };
class Refusal {
  readonly reason: Problem;
  readonly text: { readonly zh: string; readonly en: string };
  readonly retryAfterMs: number | undefined;
  constructor(reason: Problem, zh: string, en: string, retryAfterMs?: number) {
    this.reason = reason;
    this.text = { zh, en };
    this.retryAfterMs = retryAfterMs;
  }
}

export class FakePanel {
  readonly asked: Asked[] = [];
  /** Of the next test. */
  testFails = false;
  /** Of the page that it gives: another release has another. */
  tag = '"one"';
  /** Streams that were opened. */
  opened = 0;
  #view: GuardView = idle(Date.now());
  #inputs: InputsView = inputs(Date.now());
  #session: SessionView = { session: null, pinSet: true };
  #isSilent = false;
  #beat: NodeJS.Timeout | null = null;
  #picture: Buffer | null = null;
  /** And whether it was opened with a session: as one was opened, so it goes on. */
  readonly #streams = new Map<ServerResponse, boolean>();
  readonly #server: Server;
  #port = 0;

  constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/`;
  }

  /** What the gate's dome shows. */
  set picture(jpeg: Buffer | null) {
    this.#picture = jpeg;
  }

  async open(): Promise<void> {
    buildPage('panel');
    await this.listen();
    this.#beat = setInterval(() => {
      if (!this.#isSilent) this.#tell('beat', { nowWallMs: Date.now() });
    }, beatMs);
  }

  /** On the port of before, where there was one. */
  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#port, '127.0.0.1', () => {
        const address = this.#server.address();
        if (address !== null && typeof address === 'object') this.#port = address.port;
        resolve();
      });
    });
  }

  /** As after SIGKILL: lines end, nobody answers. */
  async leave(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async close(): Promise<void> {
    if (this.#beat) clearInterval(this.#beat);
    if (this.#server.listening) await this.leave();
  }

  /** Changes what is told, and tells it. */
  show(change: Partial<GuardView>): void {
    this.#view = guardView.parse({ ...this.#view, ...change });
    this.#tell('view', this.#now());
  }

  showInputs(change: (one: InputsView['inputs'][number]) => InputsView['inputs'][number]): void {
    this.#inputs = inputsView.parse({ inputs: this.#inputs.inputs.map(change) });
    if (this.#session.session) this.#tell('inputs', this.#inputs);
  }

  sign(session: SessionView): void {
    this.#session = sessionView.parse(session);
    this.#tell('session', this.#session);
  }

  /** Lines stay open and nothing comes through them any more, as behind a switch that has lost power. */
  fallSilent(is = true): void {
    this.#isSilent = is;
  }

  #now(): GuardView {
    return { ...this.#view, nowWallMs: Date.now() };
  }

  #tell<N extends EventName>(name: N, said: unknown): void {
    if (this.#isSilent) return;
    const line = eventLine(name, said);
    for (const [stream, isSignedIn] of this.#streams)
      if (isSignedIn || (name !== 'inputs' && name !== 'session')) stream.write(line);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', this.url).pathname;
    const found = Object.entries(routes).find(([, route]) => route.path === path);
    if (!found) return this.#file(path, response);
    const [name] = found;
    if (name === 'events') return this.#stream(response);
    if (name === 'picture') return this.#show(response);
    const body: unknown = request.method === 'POST' ? JSON.parse(await textOf(request)) : null;
    const said = this.#isSilent ? null : this.#answer(name as RouteName, body);
    if (said === null) return;
    const { status = 200, body: answer } = said;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer));
  }

  async #file(path: string, response: ServerResponse): Promise<void> {
    const name = path === '/' ? 'index.html' : normalize(path).slice(1);
    try {
      const body = await readFile(join(buildPage('panel'), name));
      const type = types[extname(name)] ?? 'text/plain';
      response.writeHead(200, { 'content-type': type, etag: this.tag });
      response.end(body);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
      response.writeHead(404).end();
    }
  }

  #stream(response: ServerResponse): void {
    this.opened++;
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    this.#streams.set(response, this.#session.session !== null);
    response.once('close', () => this.#streams.delete(response));
    response.write('retry: 1000\n\n');
    if (this.#isSilent) return;
    response.write(eventLine('view', this.#now()));
    response.write(eventLine('session', this.#session));
    if (this.#session.session) response.write(eventLine('inputs', this.#inputs));
  }

  #show(response: ServerResponse): void {
    this.asked.push({ route: 'picture', body: null });
    if (!this.#picture) {
      const no = problemOf(new Refusal('no-picture', '球机没有画面', 'the dome gives no picture'));
      response.writeHead(no.status ?? 503, { 'content-type': 'application/json' });
      response.end(JSON.stringify(no.body));
      return;
    }
    const taken = String(Date.now() - 1_000);
    response.writeHead(200, { 'content-type': 'image/jpeg', 'x-taken-wall-ms': taken });
    response.end(this.#picture);
  }

  #answer(route: RouteName, body: unknown): Say {
    this.asked.push({ route, body });
    if (routes[route].pin && !this.#session.session)
      return problemOf(new Refusal('no-session', '请先登录', 'log in first'));
    try {
      return { body: this.#do(route, body) };
    } catch (error) {
      if (error instanceof Refusal) return problemOf(error);
      throw error;
    }
  }

  #do(route: RouteName, body: unknown): unknown {
    switch (route) {
      case 'signIn':
        return this.#signIn(signInBody.parse(body));
      case 'signOut':
        this.sign({ session: null, pinSet: true });
        return this.#session;
      case 'falseAlarm':
        return this.#claim();
      case 'reset':
        if (this.#view.lights) this.show({ lights: { strobe: false, siren: false } });
        return { ok: true };
      case 'mute':
        this.show({ muted: true });
        return { ok: true };
      case 'test':
        testBody.parse(body);
        if (this.testFails) throw new Refusal('failed', '球机没有应答', 'the dome does not answer');
        return { ok: true };
      case 'windowOpen':
        return this.#openWindow(body);
      case 'windowClose':
        this.show({ window: null, lamp: { ...this.#view.lamp, mark: null } });
        return { ok: true };
      case 'system':
        return systemView.parse(system(Date.now()));
      default:
        return { ok: true };
    }
  }

  #signIn({ pin: typed, name }: { readonly pin: string; readonly name: string }): SessionView {
    if (typed !== pin && typed !== duressPin)
      throw new Refusal('wrong-pin', 'PIN码错误', 'The PIN is wrong', 1_000);
    const now = Date.now();
    const session = { name, sinceWallMs: now, untilWallMs: now + 8 * 3_600_000 };
    this.sign({ session: { ...session, idleUntilWallMs: now + 600_000 }, pinSet: true });
    return this.#session;
  }

  #claim(): { readonly alarms: number } {
    const open = this.#view.alarms.filter((one) => one.resolvedWallMs === null && !one.falseAlarm);
    const alarms = this.#view.alarms.map((one) => ({
      ...one,
      falseAlarm: one.falseAlarm || one.resolvedWallMs === null,
    }));
    this.show({ alarms, mayClaim: false });
    return { alarms: open.length };
  }

  #openWindow(body: unknown): unknown {
    const { mark, minutes } = windowBody.parse(body);
    const sinceWallMs = Date.now();
    const untilWallMs = sinceWallMs + minutes * 60_000;
    const text = mark === 'drill' ? { zh: '演练', en: 'drill' } : { zh: '检修', en: 'service' };
    this.show({
      window: { mark, text, by: '王工', sinceWallMs, untilWallMs },
      lamp: { ...this.#view.lamp, mark },
    });
    return { mark, untilWallMs };
  }
}

/** One event on the wire, checked against what the page was promised. */
function eventLine(name: EventName, said: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(events[name].parse(said))}\n\n`;
}

const problemOf = ({ reason, text, retryAfterMs }: Refusal): Say => ({
  status: problems[reason],
  body: { reason, text, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
});

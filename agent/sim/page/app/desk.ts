// A plain dispatcher's client on the library of the contract: cases, picture, take, resolve. An alarm
// opens the picture by itself and is marked as seen.

import { BrowserClient } from '../../../web/client/browser.ts';
import type { Credential } from '../../../web/client/link.ts';
import { Login } from '../../../web/client/login.ts';
import type { Ice } from '../../../web/client/rtc/connection.ts';
import type { OpenIncident, TerminalView } from '../../../web/client/terminals.ts';
import { Call } from './call.ts';
import { byId, type Keys, messageOf, say } from './dom.ts';
import { Picture } from './picture.ts';
import { StickPad } from './stick.ts';
import { t } from './texts.ts';

/** The page logs itself in, where the room asks for it at all. */
async function credentialOf(login: Login, user: string): Promise<Credential> {
  if (login.state.state !== 'in') {
    const { password } = (await (await fetch('desk')).json()) as { password: string | null };
    if (password === null) return { password: '' };
    await login.enter(user, password);
  }
  return login.credential();
}

const logMax = 8;
type LightVerb = 'strobe-off' | 'siren-off';

export class Desk {
  readonly #keys: Keys;
  readonly #client: BrowserClient;
  readonly #call: Call;
  readonly #stick: StickPad;
  readonly #picture: Picture;
  #terminal = '';
  #chosen: string | null = null;
  readonly #seen = new Set<string>();

  constructor(keys: Keys) {
    this.#keys = keys;
    const url = new URL('mqtt', location.href);
    url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
    const user = 'li';
    const login = new Login();
    // Checked by nobody: it is this page's own server that says it.
    const ice = async () => (await (await fetch('ice')).json()) as Ice;
    this.#client = new BrowserClient({
      ...{ url: url.href, role: '110-city', user, ice, username: user },
      ...{ password: () => credentialOf(login, user), terminals: login.terminals },
    });
    this.#call = new Call(keys, {
      client: this.#client,
      terminal: () => this.#terminal,
      incident: () => this.#incident?.id ?? null,
      failed: (error) => this.#note(messageOf(error)),
      changed: () => this.draw(),
    });
    this.#picture = new Picture(keys, this.#client, () => this.#call.speaks);
    this.#stick = new StickPad(keys, this.#client, (what) => this.#note(what));
  }

  open(terminal: string): void {
    this.#terminal = terminal;
    this.#client.on('line', () => this.draw());
    this.#client.on('terminal', () => this.#changed());
    this.#client.on('alarm', ({ kind }) => this.#note(kind));
    this.#client.on('trouble', ({ detail }) => this.#note(detail));
    this.#client.open();
    this.#addKeys();
    this.#call.open();
    this.#stick.open(terminal);
    // The bye goes out while the page is going.
    addEventListener('pagehide', () => void this.#client.close());
    setInterval(() => this.draw(), 1_000);
  }

  draw(): void {
    const { up } = this.#client;
    const online = this.#client.terminal(this.#terminal)?.online ?? false;
    say(byId('line'), t(!up ? 'lineDown' : online ? 'lineUp' : 'terminalGone'));
    this.#drawIncidents();
    this.#drawFaults();
    this.#picture.draw();
    this.#call.draw();
    this.#stick.draw();
    this.#keys.draw();
  }

  get #incidents(): readonly OpenIncident[] {
    return this.#client.terminal(this.#terminal)?.incidents ?? [];
  }

  /** The one in hand: chosen, or the oldest. */
  get #incident(): OpenIncident | null {
    const all = this.#incidents;
    return all.find(({ id }) => id === this.#chosen) ?? all[0] ?? null;
  }

  #changed(): void {
    for (const { id } of this.#incidents) {
      if (this.#seen.has(id)) continue;
      this.#seen.add(id);
      this.#try(this.#client.command(this.#terminal, 'seen', { incident: id }));
      this.#picture.open(this.#terminal);
    }
    this.draw();
  }

  #addKeys(): void {
    const row = byId('case-keys');
    const has = () => this.#incident !== null;
    const add = (
      key: string,
      text: Parameters<typeof t>[0],
      can: () => boolean,
      press: () => void,
    ) => this.#keys.add(row, { key, text: () => t(text), can, press });
    add('t', 'take', has, () => this.#take());
    add('r', 'resolve', has, () => this.#resolve());
    add(
      'v',
      'picture',
      () => true,
      () => this.#picture.toggle(this.#terminal),
    );
    add('o', 'strobeOff', has, () => this.#switch('strobe-off'));
    add('i', 'sirenOff', has, () => this.#switch('siren-off'));
    this.#keys.add(row, {
      key: 'e',
      text: () => t(this.#window ? 'endWindow' : 'startDrill'),
      can: () => this.#window !== null || !has(),
      press: () => this.#toggleDrill(),
    });
    const isMarked = () => Boolean(this.#incident?.mark);
    add('m', 'makeReal', isMarked, () => this.#makeReal());
  }

  get #window(): TerminalView['window'] {
    return this.#client.terminal(this.#terminal)?.window ?? null;
  }

  #toggleDrill(): void {
    this.#try(
      this.#window
        ? this.#client.closeWindow(this.#terminal)
        : this.#client.openWindow(this.#terminal, { mark: 'drill', minutes: 15 }),
    );
  }

  #makeReal(): void {
    const incident = this.#incident?.id;
    if (incident) this.#try(this.#client.makeReal(this.#terminal, incident));
  }

  #take(): void {
    const incident = this.#incident?.id;
    if (incident) this.#try(this.#client.command(this.#terminal, 'take', { incident }));
  }

  #resolve(): void {
    const { id: incident, mark } = this.#incident ?? {};
    const told = { reason: 'handled', as: mark ?? 'real' } as const;
    if (incident) this.#try(this.#client.resolve(this.#terminal, { incident, ...told }));
  }

  #switch(verb: LightVerb): void {
    this.#try(this.#client.command(this.#terminal, verb, {}));
  }

  #drawIncidents(): void {
    const list = byId('incidents');
    const inHand = this.#incident?.id;
    const rows = this.#incidents.map((incident) => this.#row(incident, incident.id === inHand));
    // Only where it differs: a button that is replaced under a finger is not pressed.
    const html = rows.map(({ outerHTML }) => outerHTML).join('');
    if (list.innerHTML !== html) list.replaceChildren(...rows);
    if (rows.length === 0) say(list, t('noIncident'));
  }

  /** What is wrong at the terminal, so that silence has a reason. */
  #drawFaults(): void {
    const faults = this.#client.terminal(this.#terminal)?.birth?.faults ?? [];
    const said = faults.map(({ fault, detail }) => `${t('fault')} ${fault}: ${detail}`);
    say(byId('faults'), said.join('\n'));
  }

  #row(incident: OpenIncident, inHand: boolean): Element {
    const { id, input, kind, step, presses, mark, raisedWallMs } = incident;
    const row = document.createElement('li');
    Object.assign(row.dataset, { id, step, mark: mark ?? 'real' });
    const button = document.createElement('button');
    button.type = 'button';
    button.ariaPressed = String(inHand);
    const ageS = Math.max(0, Math.round((Date.now() - raisedWallMs) / 1000));
    const count = presses > 1 ? ` ×${presses}` : '';
    const marked = mark ? `${t(mark)} · ` : '';
    button.textContent = `${marked}${t(kind)}${count} · ${input} · ${t(step)} · ${ageS} s`;
    button.addEventListener('click', () => {
      this.#chosen = id;
      this.draw();
    });
    row.append(button);
    return row;
  }

  #try(asked: Promise<unknown>): void {
    asked.catch((error: unknown) => this.#note(messageOf(error)));
  }

  #note(what: string): void {
    const line = document.createElement('li');
    line.textContent = `${new Date().toLocaleTimeString()}  ${what}`;
    const log = byId('log');
    log.prepend(line);
    while (log.children.length > logMax) log.lastChild?.remove();
  }
}

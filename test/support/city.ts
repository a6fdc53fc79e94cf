// A city of scripted terminals on a real broker: hundreds of births, alarms at will, and an answer to what a
// dispatcher asks, as the contract has it. No pictures and no calls: those are refused as busy.

import { connect, type MqttClient } from 'mqtt';
import { type AlarmMessage, type BirthMessage, topicsOf } from '#agent/contract.ts';
import { within } from './wait.ts';

type Incident = BirthMessage['incidents'][number];
type Kind = Incident['kind'];

export interface Press {
  readonly kind?: Kind;
  readonly mark?: Incident['mark'];
}

const chain = { seq: 1, hash: '0'.repeat(64), alg: 'ed25519', keyId: 'k', sig: 's' } as const;
const stations = ['文新', '翠苑', '北山', '灵隐', '古荡', '转塘', '留下', '蒋村'];
const streets = ['文二西路', '学院路', '天目山路', '古墩路', '丰潭路'];

const namesOf = (n: number) => ({
  ...{ divisionCode: `3301${String(2 + (n % 8)).padStart(2, '0')}`, gate: n % 2 ? '东门' : '正门' },
  jurisdiction: `${stations[n % stations.length]}派出所`,
  school: `${stations[(n * 3) % stations.length]}第${n + 1}小学`,
  address: `${streets[n % streets.length]} ${n + 1} 号`,
  position: { lat: 30.2741 + Math.sin(n) / 20, lon: 120.155 + Math.cos(n) / 20 },
  gateRoomPhone: `0571-8888${String(n).padStart(4, '0')}`,
  contacts: [{ name: '保卫科', phone: `1380000${String(n).padStart(4, '0')}` }],
});

export const cityTerminal = (n: number): string => `school-${String(n).padStart(4, '0')}`;

export class City {
  readonly #births = new Map<string, BirthMessage>();
  /** Seen, taken, resolved, by case: `verb user`. */
  readonly asked: string[] = [];
  #client: MqttClient | null = null;
  #next = 1;

  async open(url: string): Promise<void> {
    const client = connect(url, { protocolVersion: 5, reconnectPeriod: 100 });
    this.#client = client;
    client.on('message', (topic, payload, { properties }) =>
      this.#take(topic, JSON.parse(payload.toString()), properties?.responseTopic ?? ''),
    );
    const ready = new Promise<void>((done) => {
      client.on('connect', () => client.subscribe('gate/v1/+/cmd/+/+/+', () => done()));
    });
    await within(ready, { withinMs: 10_000, what: 'the city' });
  }

  async close(): Promise<void> {
    await this.#client?.endAsync(true);
  }

  /** So many terminals, each told by its retained birth. */
  async born(count: number, faulty: (n: number) => boolean = () => false): Promise<void> {
    for (let n = 0; n < count; n++) {
      const fault = { fault: 'dome.lost', detail: 'The dome does not answer.', sinceWallMs: 1 };
      const birth: BirthMessage = {
        ...{ v: 1, online: true, terminal: cityTerminal(n), bootId: 'boot', version: '1' },
        ...{ wallMs: Date.now(), clock: 'good', identity: namesOf(n), incidents: [] },
        evidenceKey: { alg: 'ed25519', keyId: 'k', publicKey: 'p' },
        faults: faulty(n) ? [fault] : [],
        ...{ stick: null, callers: [], window: null, lights: { strobe: 'auto', siren: 'auto' } },
      };
      this.#births.set(birth.terminal, birth);
      await this.#say(topicsOf(birth.terminal).state, birth, true);
    }
  }

  gone(terminal: string): Promise<void> {
    const will = { v: 1, online: false, terminal, bootId: 'boot' };
    return this.#say(topicsOf(terminal).state, will, true);
  }

  /** Resolves with the id of the case once the broker has the alarm. */
  async press(terminal: string, { kind = 'emergency', mark = null }: Press = {}): Promise<string> {
    const birth = this.#birth(terminal);
    const id = `case-${this.#next++}`;
    const wallMs = Date.now();
    const raised: AlarmMessage = {
      ...this.#head(birth, id, wallMs),
      ...{ kind: 'alarm.raised', incident: id, input: 'desk', inputName: '值班台按钮' },
      ...{ alarm: kind, edge: 'live', mark },
    };
    await this.#say(topicsOf(terminal).alarm, raised, false);
    const course = {
      ...{ inputName: '值班台按钮', sentWallMs: wallMs + 20, receivedWallMs: wallMs + 60 },
      ...{ undeliveredWallMs: null, falseAlarmWallMs: null },
    };
    await this.#bear(birth, [
      ...birth.incidents,
      {
        ...{ id, input: 'desk', kind, step: 'received', raisedWallMs: wallMs, presses: 1 },
        ...{ course, seen: null, taken: null, mark },
      },
    ]);
    return id;
  }

  #birth(terminal: string): BirthMessage {
    const birth = this.#births.get(terminal);
    if (!birth) throw new Error(`no ${terminal} in this city`);
    return birth;
  }

  #head({ identity }: BirthMessage, id: string, wallMs: number) {
    const terminal = [...this.#births.values()].find((one) => one.identity === identity)?.terminal;
    const at = { seq: this.#next++, monoMs: wallMs, wallMs, clock: 'good' } as const;
    return { v: 1, id, terminal: terminal ?? '', bootId: 'boot', ...at, identity, chain } as const;
  }

  #bear(birth: BirthMessage, incidents: readonly Incident[]): Promise<void> {
    const now = { ...birth, incidents: [...incidents] };
    this.#births.set(birth.terminal, now);
    return this.#say(topicsOf(birth.terminal).state, now, true);
  }

  #take(topic: string, body: { id: string; incident?: string; reason?: string }, to: string): void {
    const [, , terminal = '', , role = '', user = '', verb = ''] = topic.split('/');
    const birth = this.#births.get(terminal);
    // Of a terminal that is none of this city.
    if (!birth) return;
    const head = { v: 1, id: body.id, verb };
    const one = birth.incidents.find(({ id }) => id === body.incident);
    const answer = (result: object) => void this.#say(to, { ...head, ok: true, result }, false);
    if (!one || !['seen', 'take', 'resolve', 'make-real'].includes(verb)) {
      const no = { ok: false, reason: one ? 'busy' : 'unknown-incident', detail: 'scripted' };
      void this.#say(to, { ...head, ...no }, false);
      return;
    }
    this.asked.push(`${verb} ${user} ${one.id}`);
    const who = { role, user, wallMs: Date.now() };
    const others = birth.incidents.filter((other) => other !== one);
    if (verb === 'resolve') {
      answer({ step: 'resolved', already: false });
      const resolved: AlarmMessage = {
        ...this.#head(birth, `${one.id}-end`, Date.now()),
        ...{ kind: 'incident.resolved', incident: one.id, role, user, mark: one.mark },
        ...{ reason: body.reason ?? '', note: null },
      };
      void this.#say(topicsOf(terminal).alarm, resolved, false);
      void this.#bear(birth, others);
      return;
    }
    const step = verb === 'take' ? 'taken' : 'seen';
    const now: Incident =
      verb === 'make-real'
        ? { ...one, mark: null }
        : { ...one, step: one.taken ? 'taken' : step, [step]: one[step] ?? who };
    answer(verb === 'make-real' ? { already: false } : { step, role, user });
    void this.#bear(birth, [...others, now]);
  }

  async #say(topic: string, payload: object, retain: boolean): Promise<void> {
    await this.#client?.publishAsync(topic, JSON.stringify(payload), { qos: 1, retain });
  }
}

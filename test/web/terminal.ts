// A terminal that says what a test tells it to: birth, alarms, answers and notices, over a real broker.

import { connect, type MqttClient } from 'mqtt';
import { parseCommandTopic, topicsOf } from '#agent/contract.ts';
import { within } from '#test/support/wait.ts';

export interface Asked {
  readonly verb: string;
  readonly id: string;
  readonly bootId: string;
  readonly replyTo: string;
  readonly body: { readonly [key: string]: unknown };
}

type Answer = { readonly result: object } | { readonly refuse: string } | 'nothing';

export class ScriptedTerminal {
  readonly id = 'school-1';
  bootId = 'boot-1';
  readonly asked: Asked[] = [];
  /** What it answers to a command. */
  answers: (asked: Asked) => Answer = () => ({ result: {} });
  #client: MqttClient | null = null;
  #events = 0;

  async open(url: string): Promise<void> {
    const client = connect(url, { protocolVersion: 5, reconnectPeriod: 100 });
    this.#client = client;
    client.on('message', (topic, payload, { properties }) =>
      this.#take(topic, payload.toString(), properties?.responseTopic ?? ''),
    );
    const ready = new Promise<void>((done) => {
      client.on('connect', () => client.subscribe(topicsOf(this.id).commands, () => done()));
    });
    await within(ready, { withinMs: 5_000, what: 'the scripted terminal' });
  }

  async close(): Promise<void> {
    await this.#client?.endAsync(true);
  }

  of(verb: string): Asked[] {
    return this.asked.filter((one) => one.verb === verb);
  }

  birth(incidents: readonly object[] = [], more: object = {}): void {
    this.#say(topicsOf(this.id).state, { ...birth, ...this.#self, incidents, ...more }, true);
  }

  gone(): void {
    this.#say(topicsOf(this.id).state, { v: 1, online: false, ...this.#self }, true);
  }

  alarm(body: object): void {
    const head = { v: 1, seq: 1, monoMs: 1, wallMs: 1, clock: 'good', identity, chain };
    this.#say(topicsOf(this.id).alarm, { ...head, ...this.#self, ...body }, false);
  }

  event(body: object): void {
    const id = `e-${++this.#events}`;
    const head = { v: 1, id, seq: 1, monoMs: 1, wallMs: 1, clock: 'good', chain };
    this.#say(topicsOf(this.id).event, { ...head, ...this.#self, ...body }, false);
  }

  tell(to: Asked, notice: object): void {
    this.#say(to.replyTo, { v: 1, session: to.body.session, ...notice }, false);
  }

  get #self() {
    return { terminal: this.id, bootId: this.bootId };
  }

  #take(topic: string, payload: string, replyTo: string): void {
    const verb = parseCommandTopic(this.id, topic)?.verb ?? '';
    const body = JSON.parse(payload);
    const asked = { verb, id: body.id, bootId: body.bootId, replyTo, body };
    this.asked.push(asked);
    const answer = this.answers(asked);
    if (answer === 'nothing') return;
    const head = { v: 1, id: body.id, verb };
    if ('result' in answer) this.#say(replyTo, { ...head, ok: true, ...answer }, false);
    else {
      const no = { ok: false, reason: answer.refuse, detail: `no: ${answer.refuse}` };
      this.#say(replyTo, { ...head, ...no }, false);
    }
  }

  #say(topic: string, payload: object, retain: boolean): void {
    this.#client?.publish(topic, JSON.stringify(payload), { qos: 1, retain });
  }
}

const identity = {
  ...{ divisionCode: '330106', jurisdiction: 'x', school: 'x', address: 'x', position: null },
  ...{ gate: 'x', gateRoomPhone: 'x', contacts: [] },
};
const chain = { seq: 1, hash: '0'.repeat(64), alg: 'ed25519', keyId: 'k', sig: 's' };
const birth = {
  ...{ v: 1, online: true, version: '1', wallMs: 1, clock: 'good', identity, faults: [] },
  evidenceKey: { alg: 'ed25519', keyId: 'k', publicKey: 'p' },
  stick: null,
};

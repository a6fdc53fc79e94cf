// An acceptance against a daemon that is played: what the certificate says of each outcome, what is waived,
// what is not there; the command's own refusals; and the page.

import { generateKeyPairSync } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { main } from '#agent/cli.ts';
import { ControlFailed } from '#agent/control.ts';
import { type Certificate, certificate } from '#agent/install/accept/certificate.ts';
import { personAt } from '#agent/install/accept/command.ts';
import { pageOf } from '#agent/install/accept/page.ts';
import { accept } from '#agent/install/accept/run.ts';
import type { Done, Looked } from '#agent/install/accept/wire.ts';
import { recordBytes, signedRecord } from '#agent/records/record.ts';
import { verifyRecord } from '#agent/records/verify.ts';
import { evidenceKeyOf } from '#agent/store/evidence-key.ts';
import { VirtualClock } from '#test/fakes/clock.ts';

const key = evidenceKeyOf(generateKeyPairSync('ed25519').privateKey);
type Hop = Looked['hops'][number];
type Asked = {
  readonly doing?: {
    readonly what: string;
    readonly input?: string;
    part?: string;
    incident?: string;
  };
};

/** A daemon in which all is well, but for what is changed. */
class Played {
  readonly clock = new VirtualClock();
  readonly asked: string[] = [];
  readonly ended: string[] = [];
  readonly done: { readonly [what: string]: Partial<Done> };
  readonly hop: Partial<Hop>;
  #hops: Hop[] = [];
  #window = false;
  #startedMs = 1;
  #offlineUntilMs = 0;
  #lostUntilMs = 0;
  #tasks: Done[] = [];

  constructor(done: Played['done'] = {}, hop: Partial<Hop> = {}) {
    this.done = done;
    this.hop = hop;
  }

  ask = async (verb: string, args: { readonly [name: string]: unknown } = {}): Promise<unknown> => {
    this.asked.push(verb);
    if (verb === 'accept.begin') return this.#begin();
    if (verb === 'accept.end') return {};
    if (verb === 'accept.look') return this.#look();
    if (verb === 'accept.do') return this.#do(args as Asked);
    if (verb === 'accept.done')
      return { state: 'done', done: this.#tasks[Number(args.task)] ?? null };
    if (verb !== 'records.sign') throw new ControlFailed('unknown-verb', verb);
    const { body, result, summary } = args as Pick<Certificate, never> & {
      body: Certificate;
      result: 'passed' | 'failed';
      summary: string;
    };
    const made = { kind: 'acceptance', terminal: 't1', madeWallMs: 1, clock: 'good' } as const;
    return { record: signedRecord({ ...made, result, summary, body }, key), file: 'a.json' };
  };

  #begin() {
    this.#window = true;
    const inputs = ['desk', 'gate'].map((id) => ({ id, name: `Button ${id}`, kind: 'emergency' }));
    return {
      ...{ terminal: 't1', version: '0.1.0', untilWallMs: 1, inputs, receipts: 'platform' },
      identity: {
        ...{ school: '<文新>小学', gate: '东门', address: '文二西路', jurisdiction: '文新' },
        ...{ divisionCode: '330106', gateRoomPhone: '0571' },
      },
      ...{ dome: true, sound: true, media: true, lamp: true },
    };
  }

  #look(): Looked {
    const { monoMs } = this.clock;
    const online = monoMs >= this.#offlineUntilMs;
    return {
      ...{ window: this.#window, uptimeS: 1, startedMs: this.#startedMs, online },
      faults: monoMs < this.#lostUntilMs ? ['dome.lost'] : [],
      hops: this.#hops.map((hop) =>
        online ? { ...hop, sentMs: 3, receivedMs: 5, ...this.hop } : hop,
      ),
    };
  }

  #resolve(incident: string): void {
    this.ended.push(incident);
    this.#hops = this.#hops.map((hop) =>
      hop.incident === incident ? { ...hop, resolved: true } : hop,
    );
  }

  #do({ doing }: Asked) {
    const { what = '', input = 'desk', part = '', incident } = doing ?? {};
    const { monoMs } = this.clock;
    if (what === 'press')
      this.#hops.push({
        ...{ incident: `i${this.#hops.length}`, input, mark: 'service', presses: 1, storedMs: 2 },
        ...{ sentMs: null, receivedMs: null, undelivered: false, resolved: false },
        ...this.hop,
      });
    if (what === 'resolve') this.#resolve(String(incident));
    if (what === 'cut') this.#offlineUntilMs = monoMs + 500;
    if (what === 'pull') this.#lostUntilMs = monoMs + 2_000;
    if (what === 'restart') {
      this.#startedMs += 1;
      this.#window = false;
    }
    const ok = { ok: true, detail: 'well, and its state was read back' };
    this.#tasks.push({ ...ok, ...this.done[part || what] });
    return { task: String(this.#tasks.length - 1) };
  }
}

async function accepted(played: Played, waived: readonly (readonly [string, string])[] = []) {
  const said: string[] = [];
  const running = accept({
    ...{ ask: played.ask, clock: played.clock, user: 'chen', person: null },
    times: { cutS: 1, pullS: 2, restartCutS: 1, handMs: 2_000, arriveMs: 3_000 },
    ...{ waived: new Map(waived), out: (text: string) => void said.push(text), wallMs: () => 7 },
  });
  let isOver = false;
  const over = running.finally(() => {
    isOver = true;
  });
  while (!isOver) await played.clock.pass(100);
  const { record, isAccepted } = await over;
  const { checks } = certificate.parse(record.body);
  const named = (result: string) =>
    checks.filter((one) => one.result === result).map(({ check, of }) => of ?? check);
  return { record, isAccepted, checks, named, said, played };
}

describe('an acceptance', () => {
  it('passes where all is well, and its certificate verifies', async () => {
    const { record, isAccepted, named, checks } = await accepted(new Played());
    expect(named('failed')).toEqual([]);
    expect(isAccepted).toBe(true);
    expect(named('passed')).toEqual([
      ...['clock', 'store', 'space', 'key', 'chain', 'certificate', 'broker', 'lamp'],
      ...['Button desk', 'Button gate', 'dome', 'live', 'strobe', 'siren', 'range', 'talk'],
      ...['cut', 'pulled', 'restart'],
    ]);
    expect(record).toMatchObject({ result: 'passed', summary: '19 passed, 0 failed, 0 waived' });
    expect(verifyRecord(recordBytes(record))?.ok).toBe(true);
    const press = checks.find(({ check }) => check === 'press');
    expect(press?.figures).toEqual([
      { what: 'pulse', ms: 200, limitMs: 400, source: 'EN 50131-1' },
      { what: 'stored', ms: 2, limitMs: 50, source: '产品指标 own figure' },
      { what: 'sent', ms: 3, limitMs: null, source: null },
      { what: 'received', ms: 5, limitMs: 2000, source: 'DB15/T 3968-2025; GA/T 368' },
    ]);
  });

  it('names what failed, and goes on', async () => {
    const bad = { ok: false, detail: 'it is broken' };
    const played = new Played({ loop: bad, chain: bad, siren: { detail: 'done' } });
    const { isAccepted, named, record } = await accepted(played);
    expect(isAccepted).toBe(false);
    expect(named('failed')).toEqual(['chain', 'siren', 'talk']);
    expect(record.summary).toBe('16 passed, 3 failed (chain, siren, talk), 0 waived');
  });

  it('ends what nobody waits for, and says which button it was', async () => {
    const { named, checks, played } = await accepted(new Played({}, { input: 'gate' }));
    expect(named('failed')).toContain('Button desk');
    const press = checks.find(({ of }) => of === 'Button desk');
    expect(press?.detail[1]).toBe('another button was pressed: gate');
    expect(played.ended).toContain('i0');
  });

  it('fails a press that is late, lost or not on the disk', async () => {
    const late = await accepted(new Played({}, { receivedMs: 2_400 }));
    expect(late.named('failed')).toEqual(expect.arrayContaining(['Button desk', 'Button gate']));
    const lost = await accepted(new Played({}, { receivedMs: null }));
    expect(lost.named('failed')).toEqual(expect.arrayContaining(['Button desk', 'cut', 'restart']));
    const unstored = await accepted(new Played({}, { storedMs: null }));
    expect(unstored.named('failed')).toEqual(expect.arrayContaining(['Button gate', 'cut']));
  });

  it('does not try what is waived, nor fail what is not there', async () => {
    const played = new Played({ range: { ok: false, absent: true, detail: 'no range' } });
    const { isAccepted, checks } = await accepted(played, [['siren', 'night shift']]);
    expect(isAccepted).toBe(true);
    const of = (name: string) => checks.find(({ check }) => check === name);
    expect(of('siren')).toMatchObject({
      ...{ result: 'waived', waived: { by: 'chen', why: 'night shift' } },
    });
    expect(of('range')?.waived).toEqual({ by: '配置 configuration', why: 'no range' });
  });
});

it('the page says all of it in its language, and lets nothing through', async () => {
  const bad = { ok: false, detail: '<script>alert(1)</script>' };
  const { record } = await accepted(new Played({ loop: bad }), [['siren', 'night']]);
  const [zh, en] = [pageOf(record, 'zh'), pageOf(record, 'en')];
  expect(zh).toContain('校园一键报警终端验收证书');
  expect(zh).toContain('不合格');
  expect(zh).toContain('模拟按下,无人值守');
  expect(en).toContain('waived by chen: night');
  for (const page of [zh, en]) {
    expect(page).toContain('DB15/T 3968-2025');
    expect(page).toContain(record.sha256);
    expect(page).not.toContain('<script>');
    expect(page).not.toContain('<文新>');
  }
});

it('a person’s yes and no, and nobody’s', async () => {
  const input = new PassThrough();
  const person = personAt(input, () => undefined);
  input.write('what?\nY\nno\n');
  expect(await person.ask(['闪了吗?', 'Did it flash?'])).toBe(true);
  expect(await person.ask(['响了吗?', 'Did it sound?'])).toBe(false);
  input.end();
  expect(await person.ask(['响了吗?', 'Did it sound?'])).toBeNull();
  person.close();
});

describe('gate-agent accept', () => {
  async function typed(...argv: string[]) {
    let err = '';
    const code = await main(['accept', ...argv], {
      ...{ version: '0', run: async () => 0, parseProfile: () => undefined, out: () => undefined },
      env: { RUNTIME_DIRECTORY: '/nonexistent' },
      err: (text) => {
        err += text;
      },
    });
    return { code, err };
  }

  it('wants a name, and a reason for what is waived; and needs a daemon', async () => {
    expect(await typed()).toMatchObject({ code: 64, err: expect.stringContaining('--by') });
    for (const waive of ['siren', 'siren=', 'sirens=loud'])
      expect((await typed('--by', 'chen', '--waive', waive)).code).toBe(64);
    expect((await typed('--by', 'chen', '--simulate')).code).toBe(69);
  });
});

// The daemon's side of calls and pictures, with real processes in the places of talk and live: what they are
// told, what becomes of their words, and of their end.

import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Fact } from '#agent/core/fact.ts';
import type { MediaSession, MediaTarget } from '#agent/core/target.ts';
import { MediaDriver, type MediaOptions } from '#agent/media/media.ts';
import { systemClock } from '#agent/system/clock.ts';
import { until } from '#test/support/wait.ts';

const dummy = [process.execPath, join(import.meta.dirname, 'dummy.ts')] as const;
const snapshot = 'https://192.0.2.9/snapshot.jpg';
const streams = { main: 'rtsp://192.0.2.9/main', sub: null, snapshot };
const nothing: MediaTarget = { sessions: [], say: null, streams, evidence: null };
const sessionOf = (id: string, change: Partial<MediaSession> = {}): MediaSession => ({
  ...{ id, kind: 'live', sdp: 'v=0', turn: null, candidates: [], stream: 'auto' },
  ...{ speaks: false, announced: false },
  ...change,
});

class Rig {
  readonly facts: Fact[] = [];
  readonly driver: MediaDriver;

  constructor(change: Partial<MediaOptions> = {}) {
    this.driver = new MediaDriver({
      ...{ commands: { talk: dummy, live: dummy }, env: { PATH: process.env.PATH ?? '' } },
      ...{ iceServers: [], ownNetwork: 'allow', warm: true, talkThrough: 'room', sound: null },
      ...{ dome: { username: 'admin', password: 'pw-of-dome', ca: 'PEM' } },
      ...{ clock: systemClock(), chance: () => 0.5, said: () => undefined },
      ...change,
    });
  }

  async open(): Promise<this> {
    await this.driver.open({ emit: (fact) => void this.facts.push(fact) });
    return this;
  }

  /** What the process was told when it answered `session`. */
  async told(session: string, count = 1) {
    const answers = () =>
      this.facts.flatMap((fact) =>
        fact.kind === 'session.answered' && fact.session === session ? [fact.sdp] : [],
      );
    await until(() => answers().length >= count, { withinMs: 10_000, what: `told of ${session}` });
    return JSON.parse(answers().at(-1) ?? '{}');
  }

  kinds(kind: Fact['kind']): Fact[] {
    return this.facts.filter((fact) => fact.kind === kind);
  }
}

let rig: Rig;
afterEach(() => rig.driver.close());

describe('what a process is told', () => {
  it('is everything: sessions of its kind, sources with their password', async () => {
    rig = await new Rig().open();
    rig.driver.want({
      ...nothing,
      sessions: [sessionOf('v-1'), sessionOf('t-1', { kind: 'talk' })],
    });
    const live = await rig.told('v-1');
    expect(live.sessions.map((one: { id: string }) => one.id)).toEqual(['v-1']);
    expect(live.main).toEqual({ url: streams.main, username: 'admin', password: 'pw-of-dome' });
    const talk = await rig.told('t-1');
    expect(talk.sessions.map((one: { id: string }) => one.id)).toEqual(['t-1']);
    expect(talk.dome).toBeNull();
    const login = { username: 'admin', password: 'pw-of-dome' };
    expect(talk.snapshot).toEqual({ url: snapshot, ...login, ca: 'PEM' });
  });

  it('is whether talk is kept, and where; switched off, only where', async () => {
    const clips = { dir: '/clips', days: 30, capMb: 512, reserveMb: 512, ca: null };
    const evidence = {
      ...{ clip: null, snapshots: [], talk: { id: 'case' }, piece: null, uploads: [], kept: [] },
      today: null,
    };
    const target = { ...nothing, evidence, sessions: [sessionOf('t-1', { kind: 'talk' })] };
    for (const talks of [true, false]) {
      rig = await new Rig({ clips, talks }).open();
      rig.driver.want(target);
      const talk = talks ? evidence.talk : null;
      expect((await rig.told('t-1')).evidence).toEqual({ dir: '/clips', heard: 0, talk });
      await rig.driver.close();
    }
    rig = await new Rig({ talks: true }).open();
    rig.driver.want(target);
    expect((await rig.told('t-1')).evidence).toBeNull();
  });

  it('names TURN servers of the configuration with the password of the offer, or not at all', async () => {
    const iceServers = ['stun:192.0.2.1:3478', 'turn:192.0.2.1:3478'];
    rig = await new Rig({ iceServers }).open();
    const turn = { username: 'u', credential: 'c' };
    rig.driver.want({ ...nothing, sessions: [sessionOf('v-1', { turn }), sessionOf('v-2')] });
    const { sessions } = await rig.told('v-2');
    expect(sessions[0].iceServers).toEqual([
      { urls: iceServers[0] },
      { urls: iceServers[1], ...turn },
    ]);
    expect(sessions[1].iceServers).toEqual([{ urls: iceServers[0] }]);
  });

  it('is told again, whole, to the process that takes the place of a hung one', async () => {
    rig = await new Rig().open();
    rig.driver.want({ ...nothing, sessions: [sessionOf('v-1')] });
    await rig.told('v-1');
    rig.driver.want({
      ...nothing,
      sessions: [sessionOf('v-1'), sessionOf('v-2', { sdp: 'hang' })],
    });
    const closed = () => rig.kinds('session.closed');
    await until(() => closed().length === 2, { withinMs: 4_000, what: 'both lost' });
    expect(closed()[0]).toMatchObject({ session: 'v-1', reason: 'lost' });
    rig.driver.want({ ...nothing, sessions: [sessionOf('v-3')] });
    expect((await rig.told('v-3')).sessions).toHaveLength(1);
    expect(rig.kinds('fault.raised')).toEqual([
      expect.objectContaining({ fault: 'live.down', detail: expect.stringMatching(/hangs/) }),
    ]);
  });

  it('ends its faults with it', async () => {
    rig = await new Rig().open();
    rig.driver.want({ ...nothing, sessions: [sessionOf('v-1', { sdp: 'fault' })] });
    await until(() => rig.kinds('fault.raised').length > 0, {
      withinMs: 10_000,
      what: 'the fault',
    });
    rig.driver.want({ ...nothing, sessions: [sessionOf('v-2', { sdp: 'hang' })] });
    const cleared = () => rig.kinds('fault.cleared');
    await until(() => cleared().length > 0, { withinMs: 10_000, what: 'its end' });
    expect(cleared()[0]).toEqual({ kind: 'fault.cleared', fault: 'live.feed' });
  });
});

describe('what is said in the room', () => {
  const say = { id: 'i-1/sent', prompt: 'sent' } as const;
  const wish = (id: string, sdp = 'v=0', said: MediaTarget['say'] = say): MediaTarget => ({
    ...nothing,
    say: said,
    sessions: [sessionOf(id, { kind: 'talk', sdp })],
  });
  const lost = (session: string) =>
    until(
      () => rig.kinds('session.closed').some((one) => 'session' in one && one.session === session),
      { withinMs: 10_000, what: `the loss of ${session}` },
    );

  it('is said by the next process where it was due while there was none', async () => {
    rig = await new Rig().open();
    rig.driver.want(wish('t-1', 'hang', null));
    rig.driver.want(wish('t-1', 'hang'));
    await lost('t-1');
    rig.driver.want(wish('t-2'));
    expect((await rig.told('t-2')).say).toEqual(say);
  });

  it('is not said again by the next process, only once something else was true', async () => {
    rig = await new Rig().open();
    rig.driver.want(wish('t-1', 'prompted'));
    await rig.told('t-1');
    rig.driver.want(wish('t-2', 'hang'));
    await lost('t-2');
    rig.driver.want(wish('t-3'));
    expect((await rig.told('t-3')).say).toBeNull();
    const other = { id: 'i-1/taken', prompt: 'taken' } as const;
    rig.driver.want(wish('t-4', 'v=0', other));
    expect((await rig.told('t-4')).say).toEqual(other);
    rig.driver.want(wish('t-5'));
    expect((await rig.told('t-5')).say).toEqual(say);
  });
});

describe("the terminal's own network", () => {
  const at = (address: string) => `candidate:1 1 udp 2113937151 ${address} 5000 typ host`;
  const offerOf = (...addresses: string[]) =>
    ['v=0', ...addresses.map((address) => `a=${at(address)}`), ''].join('\r\n');

  it('is no way to a client: its candidates are left out', async () => {
    rig = await new Rig({ ownNetwork: 'refuse' }).open();
    const candidates = ['127.0.0.1', '::1', 'intranet.school', '198.51.100.77'].map((address) => ({
      ...{ candidate: at(address), mid: '0' },
    }));
    const sdp = offerOf('127.0.0.1', '169.254.3.4', '198.51.100.77');
    rig.driver.want({
      ...nothing,
      sessions: [sessionOf('v-1', { sdp, candidates: [...candidates, null] })],
    });
    const [session] = (await rig.told('v-1')).sessions;
    expect(session.sdp).toBe(offerOf('198.51.100.77'));
    expect(session.candidates).toEqual([candidates[3], null]);
  });

  it('and an offer that knows no other way is refused', async () => {
    rig = await new Rig({ ownNetwork: 'refuse' }).open();
    rig.driver.want({ ...nothing, sessions: [sessionOf('v-1', { sdp: offerOf('127.0.0.1') })] });
    expect(rig.kinds('session.closed')).toEqual([
      expect.objectContaining({ session: 'v-1', reason: 'refused' }),
    ]);
  });
});

// Sessions over a real broker: what goes to the terminal, what is queued, and when another offer is made.

import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Session } from '#agent/web/client/session.ts';
import { until } from '#test/support/wait.ts';
import { openRig, type Rig, ScriptedPeer } from './rig.ts';
import type { Asked } from './terminal.ts';

let rig: Rig;
let peers: ScriptedPeer[];
const wait = { withinMs: 15_000 };

beforeEach(async () => {
  rig = await openRig();
  peers = [];
  rig.terminal.answers = ({ verb, body }) => ({
    result:
      verb === 'session.offer' ? { session: body.session, incident: null, announced: false } : {},
  });
  rig.terminal.birth();
  await rig.known();
});
afterEach(() => rig.close());

function call(): Session {
  return rig.client.session(rig.terminal.id, { kind: 'talk' }, (hooks) => {
    const peer = new ScriptedPeer(hooks, peers.length + 1);
    peers.push(peer);
    return peer;
  });
}

const newest = (): ScriptedPeer => {
  const peer = peers.at(-1);
  if (!peer) throw new Error('no peer yet');
  return peer;
};

async function offers(count: number): Promise<Asked> {
  await until(() => rig.terminal.of('session.offer').length >= count, {
    ...{ ...wait, what: `${count} offers` },
  });
  const offer = rig.terminal.of('session.offer').at(-1);
  if (!offer) throw new Error('no offer');
  return offer;
}

/** Answered and connected. */
async function connected(session: Session): Promise<Asked> {
  const offer = await offers(1);
  rig.terminal.tell(offer, { kind: 'session.answer', sdp: 'answer 1' });
  await until(() => newest().heard.includes('answer 1'), { ...wait, what: 'the answer' });
  newest().hooks.state('connected');
  expect(session.status).toEqual({ state: 'connected' });
  return offer;
}

const way = (n: number) => ({ candidate: `candidate:${n}`, mid: '0' });

it('tells candidates in batches, and keeps the terminal’s until its answer is there', async () => {
  const { terminal } = rig;
  call();
  const offer = await offers(1);
  expect(offer.body).toMatchObject({ kind: 'talk', sdp: 'offer 1', replaces: null });
  for (let n = 0; n < 5; n++) newest().hooks.candidate(way(n));
  newest().hooks.candidate(null);
  await until(() => terminal.of('session.candidate').length > 0, { ...wait, what: 'candidates' });
  expect(terminal.of('session.candidate').map(({ body }) => body.candidates)).toEqual([
    [0, 1, 2, 3, 4].map(way).concat([null as never]),
  ]);
  terminal.tell(offer, { kind: 'session.candidate', candidates: [way(7)] });
  terminal.tell(offer, { kind: 'session.answer', sdp: 'answer 1' });
  terminal.tell(offer, { kind: 'session.answer', sdp: 'answer 1' });
  terminal.tell(offer, { kind: 'session.candidate', candidates: [way(8), null] });
  await until(() => newest().heard.length === 4, { ...wait, what: 'all of the terminal' });
  expect(newest().heard).toEqual(['answer 1', way(7), way(8), null]);
});

it('says the offer again while no answer came, and what was told for nothing, too', async () => {
  const { terminal } = rig;
  const willing = terminal.answers;
  terminal.answers = () => 'nothing';
  call();
  const first = await offers(1);
  newest().hooks.candidate(way(1));
  await until(() => terminal.of('session.candidate').length === 1, { ...wait, what: 'candidate' });
  terminal.answers = willing;
  const second = await offers(2);
  expect(second.body).toMatchObject({ session: first.body.session, sdp: first.body.sdp });
  expect(second.id).not.toBe(first.id);
  await until(() => terminal.of('session.candidate').length === 2, { ...wait, what: 'again' });
  expect(peers).toHaveLength(1);
});

it.each([
  ['the terminal says lost', (offer: Asked) => rig.terminal.tell(offer, lost)],
  ['the way breaks', () => newest().hooks.state('failed')],
  ['nothing comes for 3 s', () => newest().hooks.state('disconnected')],
  ['the terminal’s machine restarts', () => reboot()],
])('offers anew, in place of the one before, when %s', async (_, loss) => {
  const session = call();
  const before = await connected(session);
  loss(before);
  const after = await offers(2);
  expect(after.body.session).not.toBe(before.body.session);
  expect(after.body.replaces).toBe(before.body.session);
  expect(peers[0]?.closed).toBe(true);
  // What is still said of the one before is not taken for this one.
  rig.terminal.tell(before, { kind: 'session.ended', reason: 'replaced', detail: '' });
  rig.terminal.tell(after, { kind: 'session.answer', sdp: 'answer 2' });
  await until(() => newest().heard.includes('answer 2'), { ...wait, what: 'the new answer' });
  newest().hooks.state('connected');
  expect(session.status).toEqual({ state: 'connected' });
});

const lost = { kind: 'session.lost', detail: 'the media process crashed' };
function reboot(): void {
  rig.terminal.bootId = 'boot-2';
  rig.terminal.birth();
}

it('survives a short disconnection', async () => {
  const session = call();
  await connected(session);
  newest().hooks.state('disconnected');
  expect(rig.timers()).toContain(3_000);
  newest().hooks.state('connected');
  expect(rig.timers()).not.toContain(3_000);
  expect(session.status).toEqual({ state: 'connected' });
});

it('asks after itself when the line is back: the same answer, and nothing happens', async () => {
  const session = call();
  const { body } = await connected(session);
  await rig.broker.down('SIGKILL');
  await until(() => !rig.client.up, { ...wait, what: 'the loss' });
  await rig.broker.up();
  await rig.up();
  // The scripted terminal may be back later than the client.
  const again = await until(
    () => {
      if (rig.terminal.of('session.offer').length > 1) return true;
      session.arrived('back');
      return false;
    },
    { ...wait, what: 'the offer again' },
  ).then(() => offers(2));
  expect(again.body).toMatchObject({ session: body.session, sdp: body.sdp });
  rig.terminal.tell(again, { kind: 'session.answer', sdp: 'answer 1' });
  rig.terminal.tell(again, { kind: 'session.heard', from: 'room' });
  await new Promise<void>((done) => session.on('heard', () => done()));
  expect(session.status).toEqual({ state: 'connected' });
  expect(peers).toHaveLength(1);
});

it('is made anew where the daemon has restarted and knows nothing of it', async () => {
  const session = call();
  const { body } = await connected(session);
  rig.terminal.gone();
  rig.terminal.birth();
  const again = await offers(2);
  expect(again.body.session).toBe(body.session);
  rig.terminal.tell(again, { kind: 'session.answer', sdp: 'of another connection' });
  const anew = await offers(3);
  expect(anew.body.replaces).toBe(body.session);
});

it.each([
  ['busy', { state: 'over', reason: 'busy', detail: 'no: busy' }],
  ['silent-incident', { state: 'over', reason: 'silent-incident', detail: 'no: silent-incident' }],
])('is over where it is refused: %s', async (reason, status) => {
  rig.terminal.answers = () => ({ refuse: reason });
  const session = call();
  await until(() => session.status.state === 'over', { ...wait, what: 'the end' });
  expect(session.status).toEqual(status);
  expect(newest().closed).toBe(true);
});

it('says bye, and is over when the terminal says so', async () => {
  const session = call();
  const offer = await connected(session);
  session.close();
  await until(() => rig.terminal.of('session.bye').length === 1, { ...wait, what: 'the bye' });
  expect(rig.terminal.of('session.bye')[0]?.body.session).toBe(offer.body.session);
  const second = call();
  rig.terminal.tell(await offers(2), { kind: 'session.ended', reason: 'resolved', detail: 'x' });
  await until(() => second.status.state === 'over', { ...wait, what: 'the end' });
  expect(second.status).toEqual({ state: 'over', reason: 'resolved', detail: 'x' });
});

it('tells another stream on the same connection, once, and offers with it from then on', async () => {
  const { terminal } = rig;
  const session = rig.client.session(terminal.id, { kind: 'live', stream: 'sub' }, (hooks) => {
    const peer = new ScriptedPeer(hooks, peers.length + 1);
    peers.push(peer);
    return peer;
  });
  session.stream('auto');
  expect((await offers(1)).body.stream).toBe('sub');
  expect(terminal.of('session.stream')).toEqual([]);
  const offer = await connected(session);
  const told = () => terminal.of('session.stream').map(({ body }) => body);
  await until(() => told().length > 0, { ...wait, what: 'the stream' });
  expect(told()).toMatchObject([{ session: offer.body.session, stream: 'auto' }]);
  session.stream('auto');
  newest().hooks.state('failed');
  expect((await offers(2)).body.stream).toBe('auto');
  expect(told()).toHaveLength(1);
});

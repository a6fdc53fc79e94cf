// The floor as a client has it: what it is told, what it asks, over a real broker and a scripted terminal.

import { afterEach, beforeEach, expect, it } from 'vitest';
import { CommandRefused } from '#agent/web/client/commands.ts';
import { Floor } from '#agent/web/client/floor.ts';
import { until } from '#test/support/wait.ts';
import { openRig, type Rig, ScriptedPeer } from './rig.ts';

let rig: Rig;
const wait = { withinMs: 15_000 };
beforeEach(async () => {
  rig = await openRig();
  rig.terminal.birth();
  await rig.known();
});
afterEach(() => rig.close());

async function called() {
  const { terminal, client } = rig;
  const opened = { incident: null, announced: false };
  terminal.answers = ({ verb, body }) => {
    if (verb !== 'session.floor')
      return { result: verb === 'session.offer' ? { session: body.session, ...opened } : {} };
    if (body.act === 'take') return { refuse: 'busy' };
    return { result: { session: body.session, floor: body.act === 'ask' ? 'asks' : 'none' } };
  };
  const peers: ScriptedPeer[] = [];
  const session = client.session(terminal.id, { kind: 'talk' }, (hooks) => {
    const peer = new ScriptedPeer(hooks, peers.length + 1);
    peers.push(peer);
    return peer;
  });
  const floor = new Floor(session, (args) => client.command(terminal.id, 'session.floor', args));
  const offer = await until(() => terminal.of('session.offer')[0], { ...wait, what: 'an offer' });
  return { session, floor, offer, peer: () => peers.at(-1) };
}

it('is told with why and who asks, and forgotten with the connection', async () => {
  const { floor, offer, peer } = await called();
  const asking = [{ session: 's-2', role: '110-district', user: 'wang' }];
  const told = { yours: true, role: '110-city', user: 'desk-1', why: 'asked', asking };
  expect(floor.state).toBeNull();
  const changes: unknown[] = [];
  floor.on('changed', (state) => changes.push(state));
  rig.terminal.tell(offer, { kind: 'session.floor', ...told });
  await until(() => floor.state, { ...wait, what: 'the floor' });
  expect(floor.state).toMatchObject(told);
  expect(changes).toHaveLength(1);
  // A terminal of before says neither why nor who asks.
  const { why: _, asking: __, ...plain } = told;
  rig.terminal.tell(offer, { kind: 'session.floor', ...plain, yours: false });
  await until(() => floor.state?.yours === false, { ...wait, what: 'the floor, lost' });
  expect(floor.state).toMatchObject({ why: 'free', asking: [] });
  peer()?.hooks.state('failed');
  expect(floor.state).toBeNull();
});

it('is taken, asked for, given and left under the id of the newest offer', async () => {
  const { session, floor } = await called();
  const { id } = session;
  await expect(floor.ask('take')).rejects.toThrow(CommandRefused);
  expect(await floor.ask('ask')).toBe('asks');
  expect(await floor.ask('give', 's-2')).toBe('none');
  expect(await floor.ask('leave')).toBe('none');
  expect(
    rig.terminal.of('session.floor').map(({ body }) => [body.session, body.act, body.to]),
  ).toEqual([
    [id, 'take', null],
    [id, 'ask', null],
    [id, 'give', 's-2'],
    [id, 'leave', null],
  ]);
});

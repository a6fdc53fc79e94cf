// The client of the contract against a real broker over WebSocket, and a terminal that follows a script.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CommandRefused, NoAnswer } from '#agent/web/client/commands.ts';
import { until } from '#test/support/wait.ts';
import { openRig, type Rig } from './rig.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await openRig();
});
afterEach(() => rig.close());

const wait = { withinMs: 10_000 };
const open = { id: 'i-1', input: 'button-1', kind: 'emergency', step: 'sent', presses: 1 };
const raised = {
  ...{ id: 'i-1', kind: 'alarm.raised', incident: 'i-1', input: 'button-1', inputName: 'x' },
  ...{ alarm: 'emergency', edge: 'live' },
};
const resolved = {
  ...{ id: 'm-2', kind: 'incident.resolved', incident: 'i-1', role: 'platform', user: 'p' },
  ...{ reason: 'handled', note: null },
};

describe('terminals', () => {
  it('are followed by birth, will and alarm; an alarm seen again is told once', async () => {
    const { terminal, client } = rig;
    const alarms: string[] = [];
    client.on('alarm', ({ id }) => alarms.push(id));
    terminal.birth();
    await rig.known();
    terminal.alarm(raised);
    terminal.alarm(raised);
    await until(() => client.terminal(terminal.id)?.incidents.length === 1, {
      ...{ ...wait, what: 'the case' },
    });
    terminal.birth([{ ...open, step: 'taken', raisedWallMs: 1 }]);
    await until(() => client.terminal(terminal.id)?.incidents[0]?.step === 'taken', {
      ...{ ...wait, what: 'the step' },
    });
    terminal.alarm(resolved);
    terminal.alarm({ ...raised, id: 'another id' });
    terminal.gone();
    await until(() => client.terminal(terminal.id)?.online === false, {
      ...{ ...wait, what: 'the will' },
    });
    expect(client.terminal(terminal.id)?.incidents).toEqual([]);
    expect(alarms).toEqual(['i-1', 'm-2', 'another id']);
  });

  it('say what is marked, and what has become real, also to who missed the drill', async () => {
    const { terminal, client } = rig;
    const view = () => client.terminal(terminal.id);
    const window = { mark: 'drill', siren: false, role: '110-city', user: 'li' };
    terminal.birth([], { window: { ...window, sinceWallMs: 1, untilWallMs: 2 } });
    await rig.known();
    expect(view()?.window?.mark).toBe('drill');
    terminal.alarm({ ...raised, mark: 'drill' });
    await until(() => view()?.incidents[0]?.mark === 'drill', { ...wait, what: 'the drill' });
    const real = { kind: 'incident.made-real', inputName: 'x', alarm: 'emergency', presses: 3 };
    const why = { was: 'drill', reason: 'pressed-thrice', role: null, user: null, mark: null };
    terminal.alarm({ id: 'm-1', incident: 'i-1', input: 'button-1', ...real, ...why });
    terminal.alarm({ id: 'm-2', incident: 'i-2', input: 'button-2', ...real, ...why });
    await until(() => view()?.incidents.length === 2, { ...wait, what: 'the other' });
    expect(view()?.incidents).toMatchObject([
      { id: 'i-1', mark: null, presses: 3, step: 'sent' },
      { id: 'i-2', mark: null, input: 'button-2' },
    ]);
    terminal.birth();
    await until(() => view()?.window === null, { ...wait, what: 'the end of the window' });
  });

  it('are asked for a drill and its end, and told that it is real until they have answered', async () => {
    const { terminal, client } = rig;
    terminal.birth();
    await rig.known();
    terminal.answers = ({ verb }) => {
      if (verb === 'window.open') return { result: { mark: 'drill', untilWallMs: 7 } };
      if (terminal.of(verb).length === 1) return { refuse: 'wrong-boot' };
      return { result: { already: false } };
    };
    const opened = await client.openWindow(terminal.id, { mark: 'drill', minutes: 10 });
    expect(opened.untilWallMs).toBe(7);
    expect(await client.makeReal(terminal.id, 'i-1')).toEqual({ already: false });
    await client.closeWindow(terminal.id);
    expect(terminal.of('make-real').map(({ body }) => body.incident)).toEqual(['i-1', 'i-1']);
    terminal.answers = () => ({ refuse: 'incident-open' });
    const again = client.openWindow(terminal.id, { mark: 'service', minutes: 30 });
    await expect(again).rejects.toThrow(CommandRefused);
  });

  it('are there again after the broker was killed', async () => {
    const { broker, terminal, client } = rig;
    terminal.birth();
    await rig.known();
    const line: boolean[] = [];
    client.on('line', ({ up }) => line.push(up));
    await broker.down('SIGKILL');
    await until(() => !client.up, { ...wait, what: 'the loss' });
    await expect(client.command(terminal.id, 'status', {})).rejects.toThrow(NoAnswer);
    await broker.up();
    await rig.up();
    terminal.bootId = 'boot-2';
    terminal.birth();
    await rig.known();
    expect(line).toEqual([false, true]);
  });

  it('that speak another tongue are trouble, and no more', async () => {
    const { terminal, client } = rig;
    const troubles: string[] = [];
    await rig.up();
    client.on('trouble', ({ detail }) => troubles.push(detail));
    terminal.alarm({ id: 'x', kind: 'alarm.raised' });
    await until(() => troubles.length > 0, { ...wait, what: 'the trouble' });
    terminal.birth();
    await rig.known();
  });
});

describe('commands', () => {
  beforeEach(async () => {
    rig.terminal.birth();
    await rig.known();
  });

  it('carry boot id and lifetime and get the answer of their id', async () => {
    const { terminal, client } = rig;
    const result = { step: 'taken', role: '110-city', user: 'desk-1' };
    terminal.answers = () => ({ result });
    const all = ['i-1', 'i-2'].map((incident) => client.command(terminal.id, 'take', { incident }));
    expect(await Promise.all(all)).toEqual([result, result]);
    expect(terminal.asked.map(({ body }) => body.incident)).toEqual(['i-1', 'i-2']);
    expect(terminal.asked[0]?.bootId).toBe('boot-1');
    expect(new Set(terminal.asked.map(({ id }) => id)).size).toBe(2);
  });

  it('say why not', async () => {
    const { terminal, client } = rig;
    terminal.answers = () => ({ refuse: 'unknown-incident' });
    const refused = client.command(terminal.id, 'take', { incident: 'i-9' });
    await expect(refused).rejects.toThrow(CommandRefused);
    await expect(refused).rejects.toMatchObject({ reason: 'unknown-incident' });
  });

  it('resolve until there is an answer, each time with a new id and the newest birth', async () => {
    const { terminal, client } = rig;
    terminal.answers = ({ bootId }) => {
      if (bootId === 'boot-2') return { result: { step: 'resolved', already: false } };
      terminal.bootId = 'boot-2';
      terminal.birth();
      return { refuse: 'wrong-boot' };
    };
    const done = await client.resolve(terminal.id, { incident: 'i-1', reason: 'handled' });
    expect(done).toEqual({ step: 'resolved', already: false });
    expect(terminal.asked.map(({ bootId }) => bootId)).toEqual(['boot-1', 'boot-2']);
    expect(terminal.asked[0]?.id).not.toBe(terminal.asked[1]?.id);
  });
});

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

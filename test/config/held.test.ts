// A configuration never changes under an open case: held back at the start, taken when the case has ended; a
// wrong one is told and not used.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startHeld } from '#agent/config/held.ts';
import { surroundings } from '#agent/config.ts';
import type { Fact } from '#agent/core/fact.ts';
import { emptyDurable, initialState, type State } from '#agent/core/state.ts';
import { Reload } from '#agent/reload.ts';
import { isMidCase } from '#agent/store/open-cases.ts';
import { SqliteStore } from '#agent/store/store.ts';
import { systemClock } from '#agent/system/clock.ts';
import { VirtualClock } from '#test/fakes/clock.ts';
import { setup } from '../core/story.ts';
import { incident, message, moment, wire } from '../store/support.ts';

let dir: string;
let file: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gate-held-'));
  mkdirSync(join(dir, 'var'));
  file = join(dir, 'gate-agent.yaml');
  write('东门');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const write = (gate: string): void =>
  writeFileSync(
    file,
    `terminal: { id: hz-1 }
identity:
  { divisionCode: 330106, jurisdiction: a, school: b, address: c, gate: ${gate}, gateRoomPhone: 0571-1 }
data: { dir: ${dir}/var }
broker: { url: mqtt://localhost }
boxes: [{ id: desk, path: /dev/ttyS0, inputs: { 1: { id: a, name: b, kind: emergency } } }]
`,
  );

const request = () => ({
  file,
  parseProfile: () => null,
  around: surroundings({ STATE_DIRECTORY: join(dir, 'var') }),
});

function armed(isMid: boolean) {
  const { start, isHeld } = startHeld(request(), () => isMid);
  if (!start.armed) throw new Error('not armed');
  start.keepAsGood();
  const faults = start.faults.map(({ fault }) => fault);
  return { gate: start.config.identity.gate, isHeld, faults };
}

describe('at the start', () => {
  it('what armed it goes on while a case is open, what was written is taken after it', () => {
    expect(armed(true)).toEqual({ gate: '东门', isHeld: false, faults: [] });
    write('南门');
    expect(armed(true)).toEqual({ gate: '东门', isHeld: true, faults: ['config.waiting'] });
    // It did not become the good one by that.
    expect(armed(true)).toMatchObject({ gate: '东门', isHeld: true });
    expect(armed(false)).toEqual({ gate: '南门', isHeld: false, faults: [] });
    expect(armed(true)).toMatchObject({ gate: '南门', isHeld: false });
  });

  it('a terminal that was never armed has nothing to go on with', () => {
    expect(armed(true)).toMatchObject({ gate: '东门', isHeld: false });
  });

  it('the journal tells of an open case, and whether the platform has it', async () => {
    const place = join(dir, 'var');
    const keep = async (received: boolean, resolved: boolean) => {
      const store = new SqliteStore({
        ...{ dir: place, terminal: 'hz-1', clock: systemClock(), wire, pageCapMb: 1 },
      });
      store.open({ emit: () => undefined });
      const by = { role: 'platform', user: 'p', at: moment(3), reason: 'x', note: null } as const;
      const body = {
        ...incident('case-1'),
        ...{ received: received ? moment(2) : null, resolved: resolved ? by : null },
      };
      const entities = [{ table: 'incidents', id: 'case-1', body }] as const;
      store.commit({ entities, audit: [], enqueue: [message(`m${received}`, 9)], settle: [] });
      await store.close();
      return isMidCase(place);
    };
    expect(isMidCase(place)).toBe(false);
    // The new configuration may be what brings it out.
    expect(await keep(false, false)).toBe(false);
    expect(await keep(true, false)).toBe(true);
    expect(await keep(true, true)).toBe(false);
  }, 60_000);
});

describe('at SIGHUP', () => {
  const open: State = initialState({ ...emptyDurable, incidents: { a: incident('a') } }, setup);
  const quiet: State = initialState(emptyDurable, setup);
  const rig = (state: State, isSupervised = true) => {
    const clock = new VirtualClock();
    const told: string[] = [];
    const terminal = {
      state,
      emit: (fact: Fact) => void ('fault' in fact && told.push(`${fact.kind} ${fact.fault}`)),
    };
    let ends = 0;
    const end = () => {
      ends += 1;
    };
    const say = (text: string) => void told.push(text);
    const parts = { request: request(), clock, isSupervised, terminal, end, say };
    return { clock, told, terminal, reload: new Reload(parts), ends: () => ends };
  };

  it('it restarts at once where nothing is open', () => {
    const { reload, ends } = rig(quiet);
    reload.asked();
    expect(ends()).toBe(1);
  });

  it('it waits for the end of the case, however often it is asked', () => {
    const { reload, ends, clock, told, terminal } = rig(open);
    reload.asked();
    clock.advance(60_000);
    reload.asked();
    expect([ends(), told.filter((one) => one === 'fault.raised config.waiting')]).toEqual([
      0,
      ['fault.raised config.waiting'],
    ]);
    terminal.state = quiet;
    clock.advance(1000);
    clock.advance(10_000);
    expect(ends()).toBe(1);
  });

  it('a wrong one is told, and ends nothing', () => {
    const { reload, ends, told } = rig(quiet);
    writeFileSync(file, 'terminal: { id: "no such id" }\n');
    reload.asked();
    expect([ends(), told.at(-1)]).toEqual([0, 'fault.raised config.refused']);
    expect(told[0]).toMatch(/^The changed configuration is wrong and not used: .*terminal\.id/);
  });

  it('without somebody who starts it again it ends nothing', () => {
    const { reload, ends, told } = rig(quiet, false);
    reload.asked();
    expect([ends(), told]).toEqual([0, [expect.stringContaining('restart gate-agent')]]);
  });

  it('held at the start, it ends once the case has ended, and never where there was none', () => {
    const one = rig(open);
    one.reload.held();
    one.clock.advance(5000);
    one.terminal.state = quiet;
    one.clock.advance(1000);
    const other = rig(quiet);
    other.reload.held();
    other.clock.advance(60_000);
    expect([one.ends(), other.ends()]).toEqual([1, 0]);
  });
});

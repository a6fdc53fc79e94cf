// How domes switch light and siren, where it is theirs alone: the driver on the simulated dome.

import { describe, expect } from 'vitest';
import { alarm, dark, lightOnly } from '#test/dome/support.ts';
import { until } from '#test/support/wait.ts';
import { quirk } from './dome-quirks.ts';
import {
  asked,
  dimmed,
  ears,
  faults,
  heard,
  lit,
  onlyStrobe,
  opened,
  pass,
  patient,
  settled,
  soon,
  speed,
  told,
  well,
} from './dome-quirks-bench.ts';

describe.concurrent('how domes switch', patient, () => {
  quirk('names to the letter', async (context) => {
    const [on, off] = ['Licht & <"Blau">|On', "Aux_Lighting's off"];
    const sim = {
      ptzAuxiliary: [
        { name: on, actuator: 'strobe', on: true },
        { name: off, actuator: 'strobe', on: false },
      ],
    } as const;
    const strobe = [{ kind: 'auxiliary', via: 'ptz', on, off }];
    const one = await opened(context, { sim, profile: { ...onlyStrobe, strobe } });
    one.dome.want(lightOnly);
    await lit(one);
    one.dome.want(dark);
    await dimmed(one);
    expect(well(one)).toBe(true);
  });

  quirk('HA PR#161480', async (context) => {
    const one = await opened(context, { profile: onlyStrobe });
    one.dome.want(lightOnly);
    await lit(one);
    const said = asked(one, 'SetRelayOutputState').map(({ body }) => body);
    const device = 'http://www.onvif.org/ver10/device/wsdl';
    expect(said.at(-1)).toContain(
      `<n:SetRelayOutputState xmlns:n="${device}"><n:RelayOutputToken>`,
    );
    expect(said.at(-1)).toContain('<n:LogicalState>active</n:LogicalState>');
  });

  quirk('Hikvision AudioAlarm', async (context) => {
    const path = '/ISAPI/Event/triggers/notifications/AudioAlarm/1/test?format=json';
    const siren = [{ kind: 'http', on: { method: 'PUT', path }, off: null, repeatEveryS: 4 }];
    const sim = { isapi: { audioAlarm: true }, sirenStopsMs: 5000 / speed };
    const one = await settled(context, { sim, profile: { siren } });
    one.dome.want({ ...dark, siren: true });
    await until(() => one.sim.actuators.siren, soon('the siren'));
    const tests = () => one.sim.log.filter(({ what }) => what.includes('AudioAlarm')).length;
    await until(() => tests() > 3, soon('it again and again'));
    one.dome.want(dark);
    await until(() => !one.sim.actuators.siren, soon('silence'));
    const before = tests();
    await pass(one, 6);
    expect(tests()).toBe(before);
    expect(well(one)).toBe(true);
  });

  quirk('rroller/dahua#429', async (context) => {
    const to = (io: number) =>
      `/cgi-bin/coaxialControlIO.cgi?action=control&info[0].Type=2&info[0].IO=${io}`;
    const get = (io: number) => ({ method: 'GET', path: to(io) });
    const siren = [{ kind: 'http', on: get(1), off: get(2) }];
    const one = await settled(context, { profile: { siren } });
    const { sim } = one;
    sim.quirks.muteWhileTalking = true;
    sim.speaker.busy = true;
    one.dome.want({ ...dark, strobe: true, siren: true });
    await faults(one, '+dome.siren');
    expect(sim.actuators).toMatchObject({ strobe: true, siren: false });
    sim.speaker.busy = false;
    await until(() => sim.actuators.siren, soon('the siren'));
    await faults(one, '+dome.siren -dome.siren');
  });

  quirk('reserved preset', async (context) => {
    const presetSwitches = {
      '33': { actuator: 'tracking', on: true },
      '34': { actuator: 'tracking', on: false },
    } as const;
    const profile = { tracking: [{ kind: 'preset', on: '33', off: '34' }] };
    const one = await settled(context, { sim: { presetSwitches }, profile });
    one.dome.want(alarm);
    await until(() => one.sim.actuators.tracking, soon('its following'));
    const { position } = one.sim.motion;
    expect(position).toEqual(one.sim.presets.at('2'));
    expect(one.sim.actuators.preset).toBe('2');
    one.dome.want(dark);
    await until(() => one.sim.actuators.preset === '1', soon('the guard preset'));
    expect(one.sim.actuators.tracking).toBe(false);
    expect(well(one)).toBe(true);
  });

  quirk('Device/Trigger/Relay', async (context) => {
    const sim = { closedRelays: ['Relay_1'] };
    const one = await opened(context, { sim, dome: { ears }, profile: onlyStrobe }, ({ sim }) => {
      sim.quirks.tellsContacts = true;
      sim.events.setInput('In_1', false);
    });
    await heard(one, 'normal');
    for (let times = 0; times < 2; times += 1) {
      one.dome.want(lightOnly);
      await lit(one);
      await pass(one, 9);
      one.dome.want(dark);
      await dimmed(one);
      await pass(one, 5);
    }
    expect(well(one)).toBe(true);
    one.sim.quirks.ignore.push('Relay_1');
    one.dome.want(lightOnly);
    await faults(one, '+dome.strobe');
    expect(told(one)).toMatch(
      /relay Relay_1: said yes, and then not on\); test it, and the dome's/,
    );
    one.sim.quirks.ignore.length = 0;
    await lit(one);
    await faults(one, '+dome.strobe -dome.strobe');
  });
});

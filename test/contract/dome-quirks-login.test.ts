// Who we are, to domes as they are: clocks, logins, lock-outs, addresses. The driver on the simulated dome.

import { describe, expect, test } from 'vitest';
import { OnvifDome } from '#agent/dome/dome.ts';
import { linkTimes } from '#agent/dome/link.ts';
import { dark, Facts, leapingClock, lightOnly, profileOf, recipes } from '#test/dome/support.ts';
import { until } from '#test/support/wait.ts';
import { quirk } from './dome-quirks.ts';
import {
  asked,
  dimmed,
  faults,
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

const yearsMs = 365 * 86_400_000;

// One after the other: a login that passes its deadline on a busy machine would be another try.
describe('the login', patient, () => {
  quirk('HA#121952, agsh/onvif#249', async (context) => {
    const one = await opened(context, { sim: { auth: 'token' }, profile: onlyStrobe });
    one.dome.want(lightOnly);
    await lit(one);
    await one.sim.reboot({ downMs: 50, clockOffsetMs: -26 * yearsMs });
    await lit(one);
    expect(one.facts.faults).not.toContain('unauthorized');
  });

  quirk('a password for the clock', async (context) => {
    for (const auth of ['token', 'digest'] as const) {
      const sim = { auth, timeNeedsPassword: true, clockOffsetMs: 0 };
      const one = await opened(context, { sim, profile: onlyStrobe });
      one.dome.want(lightOnly);
      await lit(one);
      expect(well(one)).toBe(true);
    }
  });

  quirk('several WWW-Authenticate', async (context) => {
    for (const sim of [
      { auth: 'both', algorithms: ['SHA-256', 'MD5'] },
      { auth: 'digest', algorithms: ['MD5'] },
      { auth: 'digest', algorithms: ['MD5', 'SHA-256'] },
    ] as const) {
      const one = await opened(context, { sim, profile: onlyStrobe });
      one.dome.want(lightOnly);
      await lit(one);
      const said = asked(one, 'SetRelayOutputState').at(-1);
      expect(said).toMatchObject({ auth: 'digest', accepted: true });
      expect(well(one)).toBe(true);
    }
  });

  quirk('rroller/dahua#603', async (context) => {
    const clock = leapingClock(speed);
    const one = await settled(context, { clock, sim: { auth: 'digest' }, profile: { siren: [] } });
    const { quirks } = one.sim;
    quirks.crowded = 1;
    one.dome.want(lightOnly);
    await lit(one);
    expect(well(one)).toBe(true);
    quirks.crowded = 10_000;
    one.dome.want(dark);
    await faults(one, '+dome.unauthorized');
    // Past the second try, too.
    await pass(one, 15);
    const before = one.sim.log.filter(({ auth }) => auth !== 'none').length;
    await pass(one, 30);
    expect(one.sim.log.filter(({ auth }) => auth !== 'none').length).toBe(before);
    quirks.crowded = 0;
    clock.leap(linkTimes.tryAgainMs[1]);
    await dimmed(one);
    await faults(one, '+dome.unauthorized -dome.unauthorized');
  });

  quirk('rroller/dahua#729', async (context) => {
    for (const auth of ['token', 'digest'] as const) {
      const one = await opened(
        context,
        { sim: { auth }, dome: { password: 'wrong' } },
        ({ sim }) => {
          sim.quirks.lockedAfter = 2;
        },
      );
      await faults(one, '+dome.unauthorized');
      one.dome.want(lightOnly);
      await pass(one, 20);
      await one.dome.close();
      const next = new OnvifDome({
        ...{ url: one.sim.url, username: 'admin', password: 'secret', clock: one.clock },
        ...{ profile: profileOf(onlyStrobe), chance: () => 0.5 },
      });
      context.onTestFinished(() => next.close());
      next.want(lightOnly);
      await next.open(new Facts());
      await lit(one);
    }
  });

  quirk('closed without notice', async (context) => {
    const one = await settled(context, { profile: { siren: [] } });
    one.sim.cutConnections();
    one.dome.want(lightOnly);
    await lit(one);
    expect(asked(one, 'SetRelayOutputState')).toMatchObject([{ accepted: true }]);
    expect(well(one)).toBe(true);
  });

  test('one that never took the password is not asked again, however long', async (context) => {
    const clock = leapingClock(speed);
    const one = await opened(context, { clock, dome: { password: 'wrong' } });
    await faults(one, '+dome.unauthorized');
    const tried = () => one.sim.log.filter(({ auth }) => auth !== 'none').length;
    clock.leap(linkTimes.tryAgainMs[1]);
    await pass(one, 10);
    expect(tried()).toBe(1);
  });
});

describe.concurrent('addresses', patient, () => {
  quirk('agsh/onvif#170', async (context) => {
    const profile = { ...onlyStrobe, strobe: [recipes.ptz] };
    const one = await opened(context, { sim: { advertisedHost: '192.0.2.1' }, profile });
    one.dome.want(lightOnly);
    await lit(one);
    expect(well(one)).toBe(true);
  });

  quirk('unknown answered 200', async (context) => {
    const strobe = [recipes.relay, recipes.ptz];
    const one = await opened(context, { profile: { ...onlyStrobe, strobe } }, ({ sim }) => {
      Object.assign(sim.quirks, { refuse: ['SetRelayOutputState'], unknownAnswers200: true });
    });
    one.dome.want(lightOnly);
    await lit(one);
    expect(one.sim.actuators.relays.get('Relay_1')).toBe(false);
    expect(well(one)).toBe(true);
  });

  quirk('Media2 broken', async (context) => {
    const one = await opened(context, { sim: { media2Broken: true }, profile: onlyStrobe });
    const news = await until(() => one.facts.of('dome.streams')[0], soon('its streams'));
    expect(news.streams.main).toBe(one.sim.rtspUrl('main'));
    one.dome.want(lightOnly);
    await lit(one);
  });

  quirk('media without media', async (context) => {
    const one = await opened(context, {}, ({ sim }) => {
      sim.quirks.refuse.push('GetProfiles', 'GetStreamUri', 'GetSnapshotUri');
    });
    one.dome.want({ ...lightOnly, siren: true });
    const isOn = () => one.sim.actuators.strobe && one.sim.actuators.siren;
    await until(isOn, soon('light and siren'));
    await until(() => told(one).includes('dome.preset'), soon('what it cannot do'));
    await faults(one, '+dome.preset');
  });
});

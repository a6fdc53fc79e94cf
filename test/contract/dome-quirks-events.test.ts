// What comes from the dome: its events, its pictures, its sound; each as domes are known to tell it.

import { describe, expect } from 'vitest';
import { DomeSound } from '#agent/media/backchannel/dome-sound.ts';
import { NoSnapshot, SnapshotClient } from '#agent/media/talk/snapshot.ts';
import { type SimDome, startDome } from '#agent/sim/dome/dome.ts';
import { pullPointsMax } from '#agent/sim/dome/events.ts';
import { systemClock } from '#agent/system/clock.ts';
import type { Bench } from '#test/dome/support.ts';
import { everyFrame, frameOf } from '#test/support/media/air.ts';
import { until } from '#test/support/wait.ts';
import { quirk } from './dome-quirks.ts';
import {
  asked,
  ears,
  faults,
  heard,
  listening,
  opened,
  patient,
  soon,
  told,
  well,
} from './dome-quirks-bench.ts';

describe.concurrent('events', patient, () => {
  quirk('agsh/onvif#314', async (context) => {
    const one = await listening(context);
    const before = asked(one, 'PullMessages').length;
    one.sim.cutConnections();
    await until(() => asked(one, 'PullMessages').length > before, soon('another pull'));
    one.sim.events.setInput('In_1', true);
    await heard(one, 'normal', 'pressed');
    await until(() => one.sim.events.subscribed === 1, soon('the slot of the first'));
  });

  quirk('HA PR#37711', async (context) => {
    const one = await listening(context, { clock: systemClock() });
    await one.sim.reboot({ downMs: 200 });
    one.sim.events.setInput('In_1', true);
    await heard(one, 'normal', 'pressed');
    expect(one.facts.faults).not.toContain('dome.events');
  });

  quirk('HA#92627', async (context) => {
    const one = await listening(context);
    const { events } = one.sim;
    events.habits.endsAll = true;
    const other = events.subscribe(600_000);
    events.unsubscribe(other ?? '');
    events.forget();
    const again = () => asked(one, 'CreatePullPointSubscription').length > 1;
    await until(again, soon('another subscription'));
    events.setInput('In_1', true);
    await heard(one, 'normal', 'pressed');
  });

  quirk('ReferenceParameters', async (context) => {
    const one = await listening(context, {}, ({ sim }) => {
      sim.events.habits.parameters = true;
    });
    one.sim.events.setInput('In_1', true);
    await heard(one, 'normal', 'pressed');
    const renewed = () => asked(one, 'Renew').at(-1);
    expect((await until(renewed, soon('Renew'))).accepted).toBe(true);
    await until(() => renewed()?.status === 200, soon('its answer'));
    await one.dome.close();
    expect(one.sim.events.subscribed).toBe(0);
  });

  quirk('events as arrays', async (context) => {
    const one = await listening(context, {}, ({ sim }) => {
      sim.events.habits.bundles = true;
    });
    for (const on of [true, false, true]) one.sim.events.setInput('In_1', on);
    await heard(one, 'normal', 'pressed', 'normal', 'pressed');
  });

  quirk('PullPoint slots', async (context) => {
    const one = await opened(context, { dome: { ears } }, ({ sim }) => {
      sim.events.setInput('In_1', false);
      for (let n = 0; n < pullPointsMax; n += 1) sim.events.subscribe(600_000);
    });
    await faults(one, '+dome.events');
    expect(told(one)).toMatch(/a button wired to it is not heard; end other listeners/);
    one.sim.events.forget();
    await heard(one, 'normal');
    await faults(one, '+dome.events -dome.events');
  });
});

const streams = async (one: Bench) =>
  (await until(() => one.facts.of('dome.streams')[0], soon('its streams'))).streams;

describe.concurrent('pictures', patient, () => {
  quirk('snapshot missing', async (context) => {
    const one = await opened(context, { sim: { snapshots: false } });
    expect(await streams(one)).toMatchObject({ main: one.sim.rtspUrl('main'), snapshot: null });
    expect(well(one)).toBe(true);
  });

  quirk('snapshot rtsp://', async (context) => {
    const one = await opened(context, {}, ({ sim }) => {
      sim.quirks.snapshotUri = 'rtsp://127.0.0.1/snapshot';
    });
    expect(await streams(one)).toMatchObject({ main: one.sim.rtspUrl('main'), snapshot: null });
  });

  quirk('snapshot at a foreign host', async (context) => {
    const one = await opened(context, {}, ({ sim }) => {
      sim.quirks.snapshotUri = 'http://198.51.100.9:81/snapshot/main.jpg?user=x';
    });
    const { snapshot } = await streams(one);
    expect(snapshot).toBe(`http://127.0.0.1:${one.sim.port}/snapshot/main.jpg?user=x`);
  });

  quirk('go2rtc#49', async (context) => {
    const one = await opened(context, {}, ({ sim }) => {
      sim.quirks.streamQuery = '?unicast=true&proto=Onvif';
    });
    const { main } = await streams(one);
    expect(main).toBe(`${one.sim.rtspUrl('main')}?unicast=true&proto=Onvif`);
  });

  const clientOf = ({ port }: SimDome) =>
    new SnapshotClient(systemClock(), {
      ...{ url: `http://127.0.0.1:${port}/snapshot/main.jpg` },
      ...{ username: 'admin', password: 'secret', ca: null },
    });

  quirk('snapshot with other authentication', async (context) => {
    const sim = await startDome({ auth: 'token' });
    context.onTestFinished(() => sim.close());
    const jpeg = await clientOf(sim).get();
    expect(jpeg.length).toBeGreaterThan(1000);
    expect(sim.log.at(-1)).toMatchObject({ auth: 'digest', accepted: true });
  });

  quirk('snapshot truncated', async (context) => {
    const sim = await startDome({ auth: 'none' });
    context.onTestFinished(() => sim.close());
    sim.turn('cut-answer');
    await expect(clientOf(sim).get()).rejects.toBeInstanceOf(NoSnapshot);
    sim.turn(null);
    expect((await clientOf(sim).get()).length).toBeGreaterThan(1000);
  });
});

describe.concurrent('talk through the dome', patient, () => {
  const made = async (context: Parameters<Parameters<typeof quirk>[1]>[0]) => {
    const sim = await startDome();
    context.onTestFinished(() => sim.close());
    const source = { url: sim.rtspUrl('main'), username: 'admin', password: 'secret' };
    const sound = new DomeSound({ source, clock: systemClock() });
    const troubles: (string | null)[] = [];
    sound.open({
      captured: () => {},
      trouble: (fault, detail) => void (fault === 'talk.dome' && troubles.push(detail)),
    });
    const stop = everyFrame((n) => sound.play(frameOf('tone:1000', n)));
    context.onTestFinished(() => {
      stop();
      sound.close();
    });
    return { sim, troubles };
  };

  quirk('backchannel', async (context) => {
    const { sim } = await made(context);
    await until(() => sim.speaker.pcm.length > 4000, soon('half a second of sound'));
    const described = sim.rtsp.log.filter(({ method }) => method === 'DESCRIBE');
    expect(described.some(({ wantsTalk, status }) => wantsTalk && status === 200)).toBe(true);
    expect(sim.speaker.heard.length).toBeGreaterThan(0);
  });

  quirk('go2rtc#95', async (context) => {
    const { sim, troubles } = await made(context);
    await until(() => sim.speaker.busy, soon('our talk'));
    // Another viewer takes it: ours ends, and is not let in again before that one goes.
    await sim.rtsp.down({ forget: false });
    sim.speaker.busy = true;
    await sim.rtsp.up();
    await until(() => troubles.some((detail) => detail !== null), soon('why nothing is heard'));
    const before = sim.speaker.pcm.length;
    sim.speaker.busy = false;
    await until(() => sim.speaker.pcm.length > before + 4000, soon('sound again'));
  });
});

// Certificates that are out of date, and a clock that is. The alarm waits until they are renewed: the
// terminal reads its files when it starts, which is no reason to lose a press.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { lastTimeFile } from '#agent/system/last-time.ts';
import type { Fault } from './fault.ts';
import { says, startOffline } from './line-setup.ts';
import { expired, Tls, valid } from './line-tls.ts';
import type { Scene } from './scene.ts';

type Renewed = 'authority' | 'broker' | 'terminal';

/** `renewed`: what has expired, and is replaced in the end, with all that it signed. */
const outOfDate = (renewed: Renewed, why: string) => async (scene: Scene) => {
  const tls = await Tls.open(scene, { [renewed]: expired });
  await startOffline(scene);
  await scene.press();
  await says(scene, 'uplink.down', why);
  await scene.lampSaid('undelivered', 20_000);
  const everything = { authority: valid, broker: valid, terminal: valid };
  await tls.issue(renewed === 'authority' ? everything : { [renewed]: valid });
  scene.mended();
  if (renewed !== 'terminal') await tls.restartBroker();
  if (renewed !== 'broker') {
    await scene.kill('SIGTERM');
    await scene.start();
  }
  await scene.arrived(undefined, 60_000);
};

const row = (renewed: Renewed, why: string): Omit<Fault, 'name' | 'what'> => ({
  expect: {
    ...{ lamp: ['stored', 'undelivered', 'received'], lampNever: ['sent'] },
    ...{ tells: ['uplink.down'], afterWithinMs: 45_000 },
  },
  withinMs: 180_000,
  story: outOfDate(renewed, why),
});

/** A PC whose battery is empty, after it has been on the line once. */
async function in1970(scene: Scene): Promise<void> {
  await Tls.open(scene);
  await scene.start();
  const kept = () => existsSync(join(scene.dataDir, lastTimeFile));
  await scene.house.until('the last known time on disk', kept);
  await scene.kill('SIGTERM');
  scene.setClock(-Math.floor(Date.now() / 1_000) + 3_600);
  await scene.start();
  await scene.press();
  await says(scene, 'clock.behind', 'The clock of this PC says 1970-01-01');
  await scene.told('clock.behind');
}

export const certificateFaults: readonly Fault[] = [
  {
    name: 'line/client-certificate',
    what: "the terminal's certificate has expired, is renewed",
    ...row('terminal', 'certificate of this terminal has expired'),
  },
  {
    name: 'line/broker-certificate',
    what: "the broker's certificate has expired, is renewed there",
    ...row('broker', 'certificate of the broker has expired'),
  },
  {
    name: 'line/authority-certificate',
    what: "the authority's certificate has expired, all are renewed",
    ...row('authority', 'certificate of the authority (ca) has expired'),
  },
  {
    name: 'line/clock-1970',
    what: 'TLS while the clock says 1970: judged by the last known time',
    preload: ['clock'],
    expect: { alarmWithinMs: 2_000, tells: ['clock.behind'], lamp: ['received'] },
    story: in1970,
  },
];

// Root's updater as it ships, on real files: what it puts in place, whom it asks, what it takes back; and
// killed at any line it leaves a complete version, and ends well when it is run again.

import { execFileSync } from 'node:child_process';
import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { linesOfUpdate, survivesKill } from './kills.ts';
import { expectRefused } from './refusal.ts';
import { filesOf, keyPair, Rig } from './rig.ts';

/** Some hundred small processes each, on a machine that may be busy. */
vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 });

let rig: Rig;
beforeEach(async () => {
  rig = await new Rig().open();
});
afterEach(() => rig.close());

describe('a good release', () => {
  it('is put in place, runs, is told of; the version before stays, older ones go', async () => {
    rig.health = (version) =>
      version === '1.0.0' ? ['ok:armed', 'fault:uplink.down'] : ['ok:armed'];
    rig.offer(rig.release());
    await rig.run();
    expect(rig.current).toBe('2.0.0');
    expect(rig.running).toBe('2.0.0');
    expect(rig.filesOf('2.0.0')).toEqual(filesOf('2.0.0'));
    expect(rig.versions).toEqual(['1.0.0', '2.0.0']);
    expect(rig.result).toMatchObject({ verdict: 'applied', version: '2.0.0', from: '1.0.0' });
    expect(rig.asked.at(-1)).toBe('update.result');
    expect(rig.isMarked).toBe(false);
    const asked = rig.asked.length;
    await rig.run();
    expect(rig.asked).toHaveLength(asked);
  });

  it('may be signed by any of several keys, and by none that is not there', async () => {
    const old = keyPair();
    rig.trust(`${old.publicKey}${rig.key.publicKey}`);
    rig.offer(rig.release('2.0.0'));
    await rig.run();
    expect(rig.current).toBe('2.0.0');
    rig.offer(rig.release('3.0.0~rc1', { key: old.privateKey }));
    await rig.run();
    expect(rig.current).toBe('3.0.0~rc1');
    rig.trust(rig.key.publicKey);
    rig.offer(rig.release('3.0.0', { key: old.privateKey }));
    await rig.run();
    expect(rig.result.detail).toMatch(/not signed/);
    expect(rig.current).toBe('3.0.0~rc1');
  });
});

describe('leave', () => {
  it('is waited for, and asked again just before the switch', async () => {
    let refusals = 5;
    rig.leave = () => (refusals-- > 0 ? 'an incident is open' : 'yes');
    rig.offer(rig.release());
    await rig.run();
    expect(rig.current).toBe('2.0.0');
    expect(rig.said.match(/no leave yet: an incident is open/g)).toHaveLength(1);
    const leaves = rig.asked.filter((verb) => verb === 'update.leave');
    expect(leaves).toHaveLength(7);
  });

  it('that never comes, or a daemon that does not answer: given up, with the reason', async () => {
    rig.leave = () => 'a drill is under way';
    rig.offer(rig.release());
    await rig.run(['patience=0']);
    expectRefused(rig, /no leave in 0 h: a drill is under way/);
    rig.leave = () => '';
    rig.offer(rig.release());
    await rig.run(['patience=0']);
    expectRefused(rig, /no leave/);
  });
});

describe('a sick release goes back', () => {
  const well = ['ok:armed', 'ok:button:desk', 'fault:uplink.down'];
  const sick = (health: () => readonly string[] | null) => {
    rig.health = (version) => (version === '1.0.0' ? well : health());
  };
  const expectBack = (why: RegExp) => {
    expectRefusedWith2(why);
    expect(rig.running).toBe('1.0.0');
  };
  const expectRefusedWith2 = (why: RegExp) => {
    expect(rig.result).toMatchObject({ verdict: 'failed', version: '2.0.0', from: '1.0.0' });
    expect(rig.result.detail).toMatch(why);
    expect(rig.current).toBe('1.0.0');
    expect(rig.isMarked).toBe(false);
  };

  it.each<[string, RegExp, () => readonly string[] | null]>([
    ['it does not answer', /does not answer/, () => null],
    ['a button is not open', /button:desk is gone/, () => ['ok:armed']],
    ['a new fault', /new dome\.lost/, () => [...well, 'fault:dome.lost']],
  ])('%s', async (_, why, health) => {
    sick(health);
    rig.offer(rig.release());
    await rig.run();
    expectBack(why);
    await rig.run();
    expect(rig.running).toBe('1.0.0');
  });

  it('it ends and is started again, while it is watched', async () => {
    let looks = 0;
    sick(() => {
      looks += 1;
      if (looks === 3) writeFileSync(join(rig.root, 'lives'), '\n', { flag: 'a' });
      return well;
    });
    rig.offer(rig.release());
    await rig.run(['watch=5']);
    expectBack(/was started again/);
  });

  it('it ends again and again; and not before the agent gives leave, while it answers', async () => {
    sick(() => {
      writeFileSync(join(rig.root, 'crashes'), '3\n');
      return null;
    });
    rig.offer(rig.release());
    await rig.run(['answer=60']);
    expectBack(/again and again/);
    sick(() => ['ok:armed']);
    let refusals = 3;
    rig.leave = () => (rig.running === '2.0.0' && refusals-- > 0 ? 'an incident is open' : 'yes');
    writeFileSync(join(rig.root, 'crashes'), '0\n');
    rig.offer(rig.release());
    await rig.run();
    expectBack(/button:desk is gone/);
    expect(refusals).toBe(-1);
  });

  it('what a start has to get over does not count', async () => {
    let looks = 0;
    sick(() => (++looks < 4 ? ['ok:armed', 'fault:box.silent'] : well));
    rig.offer(rig.release());
    await rig.run(['watch=2']);
    expect(rig.current).toBe('2.0.0');
  });

  it('three starts without a verdict', async () => {
    sick(() => well);
    rig.offer(rig.release());
    for (let life = 0; life < 3; life++) {
      const ends = rig.run(['watch=60']);
      await rig.judging();
      rig.cut();
      await ends;
      rig.boots();
    }
    expect(rig.current).toBe('2.0.0');
    await rig.run(['watch=60']);
    expectBack(/3 starts without a verdict/);
  });
});

describe('killed', () => {
  it('at any line, with or without a boot: always complete, and the new version in the end', async () => {
    const [lines, kills] = [await linesOfUpdate(), 8];
    for (let n = 0; n < kills; n++)
      await survivesKill(Math.ceil(((n + Math.random()) * lines) / kills), n % 2 === 0);
  }, 60_000);

  it('a version that root has put there by hand meanwhile stays', async () => {
    rig.offer(rig.release());
    const ends = rig.run(['watch=60']);
    await rig.judging();
    rig.cut();
    await ends;
    execFileSync('ln', ['-sfn', 'versions/0.9.0', join(rig.root, 'opt/gate-agent/current')]);
    rmSync(rig.spool);
    await rig.run();
    expect([rig.current, rig.isMarked]).toEqual(['0.9.0', false]);
    copyFileSync(rig.release('1.5.0'), rig.spool);
    await rig.run();
    expect(rig.current).toBe('1.5.0');
  });
});

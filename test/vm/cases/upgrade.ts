// Upgrade and downgrade with an alarm in the outbox that nobody has got: it arrives, with the same
// bytes, and the configuration stays. The other version is this package under another number until
// an older one is given.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../command.ts';
import type { GateRoom } from '../room/room.ts';

export async function upgrade(room: GateRoom, debs: { deb: string; other: string }) {
  const config = await room.machine.sh('sha256sum /etc/gate-agent/*');
  const upgradeS = await across(room, debs.other);
  const downgradeS = await across(room, debs.deb);
  assert.equal(await room.machine.sh('sha256sum /etc/gate-agent/*'), config);
  return { vm_upgrade_s: upgradeS, vm_downgrade_s: downgradeS };
}

/** Presses with the line down, installs, and lets the line come back. */
async function across(room: GateRoom, deb: string): Promise<number> {
  const { outside, machine } = room;
  await outside.broker.down();
  const told = outside.raised.length;
  outside.press('knee');
  await room.until('a lamp that shows it', () => outside.wordsSince(0).at(-1) !== 'ready');
  await room.until('an alarm in the outbox', async () => {
    const status = await room.status();
    return status?.incidents.some(({ step, input }) => input === 'knee' && step !== 'resolved');
  });
  const before = await machine.sh('dpkg -s gate-agent | grep ^Version');
  const beganMs = performance.now();
  await room.install(deb);
  const tookS = Math.round((performance.now() - beganMs) / 100) / 10;
  assert.notEqual(await machine.sh('dpkg -s gate-agent | grep ^Version'), before);
  assert.equal(outside.raised.length, told);
  await outside.broker.up();
  await room.until('the alarm', () => outside.raised.length > told, 180_000);
  await outside.release('knee');
  await room.settled();
  await outside.resolveAll();
  assert.equal(outside.raised.length, told + 1, 'one press is one alarm');
  return tookS;
}

/** The same package under another version. */
export async function asVersion(deb: string, version: string, dir: string): Promise<string> {
  const tree = join(dir, 'other');
  mkdirSync(tree, { recursive: true });
  try {
    await run(['dpkg-deb', '-R', deb, tree]);
    const from = await run(['dpkg-deb', '-f', deb, 'Version']);
    const versions = join(tree, 'opt/gate-agent/versions');
    renameSync(join(versions, from), join(versions, version));
    for (const name of ['control', 'postinst']) {
      const file = join(tree, 'DEBIAN', name);
      writeFileSync(file, readFileSync(file, 'utf8').replaceAll(from, version));
    }
    const to = join(dir, `gate-agent_${version}.deb`);
    await run(['dpkg-deb', '--root-owner-group', '-Znone', '--build', tree, to]);
    return to;
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}

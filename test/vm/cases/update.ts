// Releases put in place and taken back on the installed PC: refused while an incident is open, of another
// key, of a lower version; applied, and told; a sick one goes back. After each a press becomes an alarm.

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keyPair } from '#test/update/rig.ts';
import { sealUpdate, treeOf } from '../../../scripts/update-file.ts';
import { run } from '../command.ts';
import type { GateRoom } from '../room/room.ts';

const key = keyPair();
const spool = '/var/lib/gate-agent/update';
const applied = '/opt/gate-agent/update/result';
/** Under emulation everything takes its time; what is watched is watched as long as in the field. */
const dropIn = `[Service]
ExecStart=
ExecStart=/usr/lib/gate-agent/update-apply every=5 answer=240
`;
const patientMs = 900_000;

export class Releases {
  readonly #share: string;
  readonly #work: string;
  readonly #list: ReturnType<typeof treeOf>;

  private constructor(share: string, work: string, list: ReturnType<typeof treeOf>) {
    this.#share = share;
    this.#work = work;
    this.#list = list;
  }

  /** Of the program in a package, which says of itself what its folder is called. */
  static async of(deb: string, dir: string, share: string, spoil?: (program: string) => void) {
    const tree = join(dir, 'tree');
    const work = join(dir, 'work');
    for (const place of [tree, work]) mkdirSync(place, { recursive: true });
    await run(['dpkg-deb', '-x', deb, tree]);
    const program = join(
      tree,
      'opt/gate-agent/versions',
      await run(['dpkg-deb', '-f', deb, 'Version']),
    );
    spoil?.(program);
    const list = treeOf({ program, work, seconds: 0, level: 1 });
    return new Releases(share, work, list);
  }

  /** In the folder that the guest can mount; its name. */
  write(version: string, signer = key.privateKey): string {
    const name = `${version}.update`;
    sealUpdate({
      ...{ version, arch: 'amd64', from: '0.0.1', seconds: 0, key: signer, work: this.#work },
      ...{ file: join(this.#share, name), ...this.#list },
    });
    return name;
  }
}

/** The release key and the updater's patience, as an installer puts them there. */
export async function trust({ machine, outside }: GateRoom): Promise<void> {
  writeFileSync(join(outside.share, 'release.pub'), key.publicKey);
  writeFileSync(join(outside.share, 'room.conf'), dropIn);
  const unit = '/etc/systemd/system/gate-agent-update.service.d';
  await machine.sh('install -m 644 /mnt/release.pub /etc/gate-agent/');
  await machine.sh(`mkdir -p ${unit} && cp /mnt/room.conf ${unit}/ && systemctl daemon-reload`);
}

/** Lays it before root's updater as the agent does: nobody has looked at it. */
export async function offer({ machine }: GateRoom, name: string): Promise<void> {
  const put = `cp /mnt/${name} ${spool}/.part && sync ${spool}/.part && mv ${spool}/.part ${spool}/ready`;
  await machine.sh(`install -d -o gate-agent -g gate-agent -m 700 ${spool} && ${put}`);
}

export const current = async ({ machine }: GateRoom): Promise<string> =>
  (await machine.sh('readlink /opt/gate-agent/current')).replace('versions/', '');

/** One press, its alarm, its end. */
export async function alarms(room: GateRoom): Promise<void> {
  const { outside } = room;
  const told = outside.raised.length;
  outside.press('hall');
  await room.until('the alarm at the platform', () => outside.raised.length > told, 300_000);
  await room.until('the strobe', () => outside.dome.actuators.strobe, 300_000);
  await outside.release('hall');
  await room.settled(300_000);
  await outside.resolveAll();
  assert.equal(outside.raised.length, told + 1, 'one press is one alarm');
}

const result = (room: GateRoom) => room.machine.ask(`cat ${applied}`);
/** What the updater says next. */
async function verdict(room: GateRoom, before: string): Promise<string> {
  return room.until(
    'a verdict of the updater',
    async () => {
      const { text, status } = await result(room);
      return status === 0 && text !== before && text;
    },
    patientMs,
  );
}

export async function update(room: GateRoom, deb: string, dir: string) {
  const { outside, machine } = room;
  const from = await current(room);
  const { share } = outside;
  await trust(room);
  const releases = await Releases.of(deb, join(dir, 'good'), share);

  const said = async (name: string): Promise<string> => {
    const before = (await result(room)).text;
    await offer(room, name);
    return verdict(room, before);
  };
  assert.match(await said(releases.write('98.0.0', keyPair().privateKey)), /not signed/);
  assert.match(await said(releases.write('0.0.2')), /0\.0\.2 is not newer than/);
  assert.equal(await current(room), from);
  await alarms(room);

  outside.press('desk');
  await room.until('an open case', () => outside.open.length > 0);
  const name = releases.write('98.0.0');
  const before = (await result(room)).text;
  const log = () => machine.sh('journalctl -u gate-agent-update -n 50 -o cat --no-pager');
  await offer(room, name);
  await room.until(
    'no leave',
    async () => (await log()).includes('no leave yet: a case is open'),
    patientMs,
  );
  assert.equal(await current(room), from);
  assert.equal(outside.open.length, 1);
  await outside.release('desk');
  const resolvedMs = performance.now();
  await outside.resolveAll();
  assert.match(await verdict(room, before), /verdict applied/);
  const updateS = Math.round((performance.now() - resolvedMs) / 1000);
  assert.equal(await current(room), '98.0.0');
  await room.until('update.applied', () => events(room, 'update.applied') === 1);
  await alarms(room);

  // It starts for nobody: the one before runs again.
  const sick = await Releases.of(deb, join(dir, 'sick'), share, (program) =>
    writeFileSync(join(program, 'launch'), '#!/bin/sh\nexit 1\n'),
  );
  const offeredMs = performance.now();
  assert.match(await said(sick.write('99.0.0')), /verdict failed[\s\S]*ends again and again/);
  const backS = Math.round((performance.now() - offeredMs) / 1000);
  await room.settled(300_000);
  assert.equal(await current(room), '98.0.0');
  await room.until('update.failed', () => events(room, 'update.failed') >= 1);
  await alarms(room);
  return { vm_update_s: updateS, vm_update_back_s: backS };
}

const events = ({ outside }: GateRoom, kind: string): number =>
  outside.platform.log.filter(({ message }) => JSON.stringify(message).includes(`"kind":"${kind}"`))
    .length;

// From a bare image to a certificate that verifies, by what the documents say and nothing else: apt install,
// provision with answers, accept. Everything that stands in the answers comes from a stick.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as z from 'zod';
import { terminalId } from '../room/outside.ts';
import type { GateRoom } from '../room/room.ts';

const site = '/root/site';
const secrets = ['terminal.key', 'dome-password', 'pin'] as const;
const stick = ['answers.yaml', 'ca.pem', 'terminal.pem', ...secrets];
const waived = ['clock=no time server in this room'];
const pin = '482913';

/** What `gate-agent accept --json` says in the end. */
const accepted = z.looseObject({
  record: z.looseObject({
    body: z.looseObject({
      checks: z.array(z.looseObject({ check: z.string(), result: z.string() })),
    }),
  }),
});

export async function bareToAccepted(
  room: GateRoom,
  deb: string,
  told: (line: string) => void,
): Promise<{ readonly bare_to_accepted_min: number }> {
  const { outside } = room;
  const beganMs = performance.now();
  const at = (what: string) =>
    told(`${what} after ${Math.round((performance.now() - beganMs) / 1000)} s`);
  await room.on();
  const { machine } = room;
  at('booted');
  await room.install(deb);
  at('installed');
  const { data, dome, ...fields } = JSON.parse(outside.config());
  const { profile: _, ...reached } = dome;
  const provision = { language: 'en', probe: { assume: 'proof' }, pinFile: 'pin' };
  const answers = JSON.stringify({ data, ...fields, dome: reached, provision });
  const issued = await outside.broker.certs?.client(terminalId);
  assert(issued, 'this broker has no certificates');
  writeFileSync(join(outside.share, 'terminal.pem'), issued.cert);
  writeFileSync(join(outside.share, 'terminal.key'), issued.key);
  writeFileSync(join(outside.share, 'answers.yaml'), answers);
  writeFileSync(join(outside.share, 'pin'), `${pin}\n`);
  await machine.sh(`mkdir -m 700 ${site} && cp /mnt/{${stick.join(',')}} ${site}`);
  const dry = await machine.sh(
    `gate-agent provision --answers ${site}/answers.yaml --dry-run`,
    600_000,
  );
  assert.match(dry, /gate-agent\.yaml/);
  assert.equal((await machine.ask('test -e /etc/gate-agent/gate-agent.yaml')).status, 1);
  await machine.sh(`gate-agent provision --answers ${site}/answers.yaml`, 600_000);
  at('provisioned');
  await keepsSecrets(room);
  const how = waived.map((one) => `--waive '${one}'`).join(' ');
  const accept = `gate-agent accept --by tester --simulate ${how} --out /root/certificate --json`;
  const prove = () => machine.ask(`${accept} 2>/root/accept.log`, 900_000);
  const first = await prove();
  if (first.status !== 0) told(await machine.sh('tail -1 /root/accept.log'));
  // As anybody would: the first press of an emulated PC may take longer than the figure.
  const said = first.status === 0 ? first : await prove();
  assert.equal(said.status, 0, `${await machine.sh('cat /root/accept.log')}\n${said.text}`);
  at('accepted');
  const minutes = Math.round((performance.now() - beganMs) / 600) / 100;
  const { checks } = accepted.parse(JSON.parse(said.text)).record.body;
  told(checks.map(({ check, result }) => `${check} ${result}`).join(', '));
  for (const must of ['press', 'cut', 'pulled', 'restart', 'strobe', 'broker', 'dome'])
    assert.ok(
      checks.some(({ check, result }) => check === must && result === 'passed'),
      must,
    );
  assert.ok(outside.raised.length > 0, 'nothing was pressed');
  assert.deepEqual([...new Set(outside.raised.map(({ mark }) => mark))], ['service']);
  await verifies(room);
  return { bare_to_accepted_min: minutes };
}

/** What was on the stick is with the terminal, and for its eyes alone. */
async function keepsSecrets({ machine }: GateRoom): Promise<void> {
  const loose = await machine.sh('find /etc/gate-agent -type f -perm /o+rwx');
  assert.equal(loose, '', 'others may read it');
  const found = await machine.ask(`grep -rlF ${pin} /etc/gate-agent /var/lib/gate-agent`);
  assert.equal(found.status, 1, `the PIN lies in ${found.text}`);
}

async function verifies({ machine }: GateRoom): Promise<void> {
  const files = (await machine.sh('ls -t /root/certificate/*.json')).split('\n').filter(Boolean);
  const [file] = files;
  assert.ok(file, 'no certificate');
  await machine.sh(`gate-agent verify ${file}`);
  const copy = `/root/${basename(file)}`;
  await machine.sh(`sed 's/"passed"/"waived"/' ${file} > ${copy}`);
  assert.equal(
    (await machine.ask(`gate-agent verify ${copy}`)).status,
    1,
    'a changed one is right',
  );
}

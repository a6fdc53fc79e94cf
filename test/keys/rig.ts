// A terminal whose line shows a certificate: real core, database, MQTT and keys, with one button that is a
// test's hand. In this process, or in one of its own that can be killed (terminal.child.ts).

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rights, wireOf } from '#agent/contract.ts';
import type { Fact } from '#agent/core/fact.ts';
import { defaultMediaRules } from '#agent/core/session.ts';
import type { Certificates } from '#agent/keys/certificates.ts';
import { certificatesOf, lineOf } from '#agent/keys/wired.ts';
import { SqliteStore } from '#agent/store/store.ts';
import { systemClock, systemIds } from '#agent/system/clock.ts';
import { Terminal } from '#agent/terminal.ts';
import { MqttUplink } from '#agent/uplink/uplink.ts';
import { FakeInputs } from '#test/fakes/inputs.ts';
import { FakeLamp } from '#test/fakes/lamp.ts';
import { contractIdentity } from '#test/support/identity.ts';

export const terminalId = 'gate-1';

export interface RigOptions {
  /** Data directory; the login lies in it as `ca.pem`, `own.pem`, `own.key`. */
  readonly dir: string;
  readonly port: number;
  readonly told?: (fact: Fact) => void;
}

export interface Rig {
  readonly terminal: Terminal;
  readonly certificates: Certificates;
  readonly inputs: FakeInputs;
}

export async function openRig({ dir, port, told }: RigOptions): Promise<Rig> {
  const clock = systemClock();
  const files = {
    ...{ ca: join(dir, 'ca.pem'), cert: join(dir, 'own.pem'), key: join(dir, 'own.key') },
  };
  const text = (file: string) => readFileSync(file, 'utf8');
  const key = text(files.key);
  const tls = { ca: text(files.ca), cert: text(files.cert), key: { reveal: () => key }, files };
  const certificates = certificatesOf(
    { data: { dir }, broker: { tls } },
    {
      ...{ clock, ids: systemIds, hide: () => undefined },
      relogin: (why) => uplink.relogin(why),
      times: { pauseMs: 100, withinMs: 5_000 },
    },
  );
  if (!certificates) throw new Error('a line without TLS');
  const store = new SqliteStore({
    ...{ dir, terminal: terminalId, clock, pageCapMb: 16, walFrames: 50 },
    wire: (message, head) => JSON.stringify(wireOf(message, terminalId, contractIdentity, head)),
  });
  const uplink: MqttUplink = new MqttUplink({
    ...{ terminal: terminalId, identity: contractIdentity, clock, ids: systemIds },
    evidence: { alg: 'ed25519', keyId: 'k1', publicKey: 'cHVi' },
    receipts: 'none',
    health: () => ({ uptimeS: 1, rssMb: 1, outboxRows: 0, transactions: 0, faults: [] }),
    retry: { firstMs: 100, maxMs: 200 },
    ...lineOf(certificates, { ...tls, second: null }, ({ ca, cert }: typeof tls) => ({
      ...{ url: `mqtts://localhost:${port}`, clientId: terminalId, ca, cert, key },
    })),
  });
  const inputs = new FakeInputs(['desk'], () => clock.now().monoMs);
  const terminal = new Terminal({
    setup: {
      ...{ terminal: terminalId, version: '1.0.0', receipts: 'none', debounceMs: 50, rights },
      inputs: { desk: { role: 'button', kind: 'emergency', name: 'Desk' } },
      media: defaultMediaRules,
    },
    ...{ clock, ids: systemIds, store, inputs: [inputs], lamp: new FakeLamp(), dome: null, uplink },
    certificates,
    watch: { stepped: (fact) => told?.(fact), committed: () => undefined },
  });
  await terminal.open();
  return { terminal, certificates, inputs };
}

// What stands around a terminal that is provisioned: a broker that asks for certificates, a dome, a button
// box, and a stick with all that an installer brings.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SimBox } from '#agent/sim/box.ts';
import { type SimDome, startDome } from '#agent/sim/dome/dome.ts';
import { runToEnd } from '#test/e2e/support/commands.ts';
import type { Certs } from '#test/support/certs.ts';
import { gateAcl, Mosquitto } from '#test/support/mosquitto.ts';
import { type Fields, identityPairs, qrOf, quickDome, Stick, terminal } from './support.ts';

interface Parts {
  readonly dir: string;
  readonly broker: Mosquitto;
  readonly certs: Certs;
  readonly dome: SimDome;
  readonly box: SimBox;
  readonly stick: Stick;
}

export class Room {
  readonly dir: string;
  readonly broker: Mosquitto;
  readonly certs: Certs;
  readonly dome: SimDome;
  readonly box: SimBox;
  /** ca.pem, my.pem, my.key, other.pem, other.key of another terminal, passwords of the dome, a PIN. */
  readonly stick: Stick;

  private constructor(parts: Parts) {
    this.dir = parts.dir;
    this.broker = parts.broker;
    this.certs = parts.certs;
    this.dome = parts.dome;
    this.box = parts.box;
    this.stick = parts.stick;
  }

  static async open(): Promise<Room> {
    const dir = mkdtempSync(join(tmpdir(), 'gate-provision-'));
    const stick = new Stick(join(dir, 'stick'));
    const box = new SimBox({ dir, inputs: 1 });
    const acl = gateAcl().replace('user terminal', `user ${terminal}`);
    const [broker, dome] = await Promise.all([
      Mosquitto.start({ tls: true, acl }),
      startDome(quickDome),
      box.open(),
    ]);
    const { certs } = broker;
    if (!certs) throw new Error('a broker with certificates');
    const [my, other] = await Promise.all([certs.client(terminal), certs.client('hz-9999')]);
    stick.put('ca.pem', certs.ca);
    for (const [name, { cert, key }] of Object.entries({ my, other })) {
      stick.put(`${name}.pem`, cert);
      stick.put(`${name}.key`, key);
    }
    const words = { 'dome.password': 'secret', 'dome.wrong': 'nonsense', pin: '402817' };
    for (const [name, word] of Object.entries(words)) stick.put(name, `${word}\n`);
    return new Room({ dir, broker, certs, dome, box, stick });
  }

  async close(): Promise<void> {
    await Promise.all([this.broker.remove(), this.dome.close(), this.box.close()]);
    rmSync(this.dir, { recursive: true, force: true });
  }

  get tls() {
    return { url: this.broker.url, ca: 'ca.pem', cert: 'my.pem', key: 'my.key' };
  }

  /** Right answers, and what differs. */
  site(more: Fields = {}): Fields {
    const button = { id: 'desk-button', name: '值班台按钮', kind: 'emergency' };
    return {
      broker: this.tls,
      boxes: [{ id: 'desk', path: this.box.path, inputs: { 1: button } }],
      ...more,
      provision: { language: 'en', qr: qrOf(identityPairs), ...Object(more.provision) },
    };
  }

  /** What the platform's authority makes of a request. */
  async signed(csr: string): Promise<string> {
    const { caFile } = this.certs;
    const by = ['-CA', caFile, '-CAkey', caFile.replace(/\.pem$/, '.key'), '-CAcreateserial'];
    const args = ['x509', '-req', '-in', csr, '-days', '400', ...by];
    const { code, out, err } = await runToEnd('openssl', args);
    if (code !== 0) throw new Error(err);
    return out;
  }

  /** certs-only, base64 without armour. */
  async pkcs7(pem: string): Promise<string> {
    this.stick.put('leaf.pem', pem);
    const file = join(this.stick.dir, 'leaf.pem');
    const { out } = await runToEnd('openssl', ['crl2pkcs7', '-nocrl', '-certfile', file]);
    return out.replace(/-----[^-]+-----\n/g, '');
  }
}

// A key and a request made here, signed by an authority of the openssl command: the request says what it
// should, and whatever is wrong with a certificate is said in one sentence.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CertificateCase, readChain, troublesOf } from '#agent/keys/certificate.ts';
import { makeKey, requestFor } from '#agent/keys/csr.ts';
import { type Authority, clientExtensions, makeAuthority, type Signed } from './support.ts';

const name = 'gate-330106.001_a';
const dir = mkdtempSync(join(tmpdir(), 'gate-keys-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

let root: Authority;
let below: Authority;
beforeAll(async () => {
  root = await makeAuthority(dir);
  below = await root.below('city clients');
});

const key = makeKey();
const csr = requestFor(key, name);

/** What is wrong, as `what: detail`. */
async function wrong(signed: Partial<Signed>, given: Partial<CertificateCase> = {}) {
  const leaf = await root.sign(csr, { fromDays: -1, toDays: 20, ...signed });
  return said({ cert: leaf, ...given });
}
const said = (given: Partial<CertificateCase> & { cert: string }) =>
  troublesOf({ key, ca: root.cert, name, nowMs: Date.now(), ...given }).map(
    ({ what, detail }) => `${what}: ${detail}`,
  );

describe('a request', () => {
  const openssl = (args: string[], input: string) =>
    execFileSync('openssl', args, { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] });

  it('is one that openssl verifies and reads the name and the purpose out of', () => {
    const text = openssl(['req', '-verify', '-noout', '-text'], csr);
    expect(text).toContain(`Subject: CN = ${name}`);
    expect(text).toContain(`DNS:${name}`);
    expect(text).toContain('TLS Web Client Authentication');
    expect(text).toContain('Digital Signature');
    expect(text).toContain('ASN1 OID: prime256v1');
    expect(text).toContain('Signature Algorithm: ecdsa-with-SHA256');
  });

  it.each([1, 63, 64])('takes a name of %i characters', (length) => {
    const long = 'g'.repeat(length);
    expect(openssl(['req', '-verify', '-noout', '-subject'], requestFor(key, long))).toContain(
      long,
    );
  });

  it('is of a new key each time', () => {
    expect(makeKey()).not.toBe(key);
  });
});

describe('a certificate', () => {
  it('that is right is right, with what leads to the authority behind it, too', async () => {
    expect(await wrong({})).toEqual([]);
    const leaf = await below.sign(csr, { toDays: 20 });
    expect(said({ cert: leaf + below.cert })).toEqual([]);
    expect(said({ cert: leaf, ca: root.cert + below.cert })).toEqual([]);
    // No extended key usage: it is good for everything.
    expect(await wrong({ extensions: 'basicConstraints=CA:FALSE' })).toEqual([]);
    expect(await wrong({ name: 'other', extensions: `subjectAltName=DNS:${name}` })).toEqual([]);
  });

  it('of another key, and none beside it', async () => {
    expect(await wrong({}, { key: makeKey() })).toEqual([
      expect.stringMatching(/^key: it belongs to another key; .*\(CSR\)/),
    ]);
    expect(await wrong({}, { key: 'garbage' })).toEqual([
      expect.stringMatching(/^key: there is no private key .* PEM is needed$/),
    ]);
  });

  it('of another authority, or of one that cannot be reached from ours', async () => {
    const foreign = await makeAuthority(dir, 'foreign');
    const [leaf, indirect] = await Promise.all([
      foreign.sign(csr, { toDays: 20 }),
      below.sign(csr, { toDays: 20 }),
    ]);
    expect(said({ cert: leaf })).toEqual([
      expect.stringMatching(/^chain: it is issued by foreign, whom no authority in ca has signed/),
    ]);
    expect(said({ cert: indirect })).toEqual([
      expect.stringMatching(/^chain: it is issued by city clients,/),
    ]);
    // The same name, another key.
    const twin = await makeAuthority(dir);
    expect(said({ cert: await twin.sign(csr, { toDays: 20 }) })).toEqual([
      expect.stringMatching(/^chain: it is issued by root,/),
    ]);
    // A certificate that is no authority signs nothing.
    const plain = await root.sign(csr, { toDays: 20, extensions: clientExtensions });
    const twins = said({ cert: indirect + plain });
    expect(twins).toEqual([expect.stringMatching(/^chain: /)]);
    expect(said({ cert: leaf, ca: '' })).toEqual([expect.stringMatching(/^chain: there is no/)]);
  });

  it('whose time is over, or has not begun', async () => {
    expect(await wrong({ fromDays: -9, toDays: -1 })).toEqual([
      expect.stringMatching(/^clock: it has expired on \d{4}-\d\d-\d\d; have a new one issued$/),
    ]);
    expect(await wrong({ fromDays: 2, toDays: 9 })).toEqual([
      expect.stringMatching(
        /^clock: it is valid only from .*, and this PC says .*; check its clock$/,
      ),
    ]);
    expect(await wrong({ fromDays: 2, toDays: 9 }, { nowMs: null })).toEqual([]);
  });

  it('for a server, for somebody else, all at once', async () => {
    const server = { name: 'gate-2', extensions: 'extendedKeyUsage=serverAuth' };
    expect(await wrong(server, { key: makeKey() })).toEqual([
      expect.stringMatching(/^key: /),
      expect.stringMatching(/^purpose: it is not for a TLS client; .*clientAuth$/),
      expect.stringMatching(/^name: it names gate-2, not gate-330106.001_a; /),
    ]);
  });

  it('that is none', async () => {
    const good = await root.sign(csr, { toDays: 20 });
    const bent = good.replace(/[A-Za-z0-9+/]{20}\n/, `${'A'.repeat(20)}\n`);
    const sentences = [
      ['', /no certificate in it; PEM is needed/],
      [Buffer.from(good).toString('base64'), /no certificate in it/],
      [good.slice(0, 300), /no certificate in it/],
      [good + bent.replace(/MII/, 'AII'), /certificate 2 of 2 in it is damaged/],
      [good.repeat(9), /more than 8 certificates/],
      ['x'.repeat(1024 * 1024), /larger than 64 kB/],
    ] as const;
    for (const [cert, says] of sentences) {
      expect(said({ cert })).toEqual([expect.stringMatching(/^unreadable: /)]);
      expect(readChain(cert)).toMatch(says);
    }
  });
});

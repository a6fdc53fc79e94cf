// A key of the terminal, made here, and the request for its certificate (PKCS#10, RFC 2986), which Node does
// not make. Only the few forms of DER that such a request is written with; nothing is parsed, and the key
// is in no file and no other process on its way. `openssl req -verify` is what the tests hold it against.

import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';

const tags = {
  ...{ boolean: 0x01, integer: 0x02, bits: 0x03, octets: 0x04, oid: 0x06, utf8: 0x0c },
  ...{ sequence: 0x30, set: 0x31, attributes: 0xa0, dnsName: 0x82 },
} as const;

const oids = {
  commonName: '550403',
  subjectAltName: '551d11',
  keyUsage: '551d0f',
  extendedKeyUsage: '551d25',
  clientAuth: '2b06010505070302',
  extensionRequest: '2a864886f70d01090e',
  ecdsaWithSha256: '2a8648ce3d040302',
} as const;

/** A fresh EC P-256 key, PKCS#8 PEM: a secret, to be kept 0600. */
export function makeKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
}

/**
 * The request for a certificate of this key, PEM: for a TLS client of that name, which is its common name
 * and its alternative name.
 * @param key PEM of an EC P-256 private key.
 * @param name As a topic has it: letters, digits, dot, dash, underscore; 64 at most.
 */
export function requestFor(key: string, name: string): string {
  const secret = createPrivateKey(key);
  const publicKey = createPublicKey(secret).export({ format: 'der', type: 'spki' });
  const commonName = sequence(oid('commonName'), der(tags.utf8, Buffer.from(name)));
  const info = sequence(
    der(tags.integer, Buffer.from([0])),
    sequence(der(tags.set, commonName)),
    publicKey,
    der(tags.attributes, sequence(oid('extensionRequest'), der(tags.set, extensionsFor(name)))),
  );
  const signature = sign('sha256', info, secret);
  const request = sequence(
    info,
    sequence(oid('ecdsaWithSha256')),
    der(tags.bits, Buffer.from([0]), signature),
  );
  const lines = request.toString('base64').replace(/.{1,64}/g, '$&\n');
  return `-----BEGIN CERTIFICATE REQUEST-----\n${lines}-----END CERTIFICATE REQUEST-----\n`;
}

function extensionsFor(name: string): Buffer {
  const critical = der(tags.boolean, Buffer.from([0xff]));
  const value = (of: Buffer) => der(tags.octets, of);
  // One bit, the first of eight: digitalSignature.
  const digitalSignature = der(tags.bits, Buffer.from([7, 0x80]));
  return sequence(
    sequence(
      oid('subjectAltName'),
      value(sequence(der(tags.dnsName, Buffer.from(name, 'latin1')))),
    ),
    sequence(oid('keyUsage'), critical, value(digitalSignature)),
    sequence(oid('extendedKeyUsage'), value(sequence(oid('clientAuth')))),
  );
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const { length } = body;
  const long = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...(length < 0x80 ? [length] : long)]), body]);
}

const sequence = (...parts: readonly Buffer[]): Buffer => der(tags.sequence, ...parts);
const oid = (name: keyof typeof oids): Buffer => der(tags.oid, Buffer.from(oids[name], 'hex'));

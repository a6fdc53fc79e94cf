// The QR string: what a hand scanner types is taken whole or not at all.

import { describe, expect, it } from 'vitest';
import { readQr } from '#agent/install/qr.ts';
import { refusalOf } from '#test/config/support.ts';
import { identityPairs, qrOf } from './support.ts';

const hints = (text: string): string =>
  refusalOf(() => readQr(text))
    .fields.map(({ field, hint }) => `${field}: ${hint}`)
    .join('; ');

describe('a QR string', () => {
  it('gives id and identity, in Chinese, with position and contacts', () => {
    expect(readQr(`${qrOf(identityPairs)}\r\n`)).toEqual({
      id: 'hz-0012',
      identity: {
        divisionCode: '330106',
        jurisdiction: '西湖分局文新派出所',
        school: '文新小学',
        address: '文二西路 12 号',
        gate: '东门',
        gateRoomPhone: '0571-88880012',
        position: { lat: '30.287459', lon: '120.094521' },
        contacts: [{ name: '王老师', phone: '13800000012' }],
      },
    });
  });

  it('is refused with any one character missing or another', () => {
    const right = qrOf(identityPairs);
    for (let at = 0; at < right.length; at++) {
      expect(() => readQr(right.slice(0, at) + right.slice(at + 1)), `without ${at}`).toThrow();
      const other = right[at] === 'e' ? 'f' : 'e';
      const bent = right.slice(0, at) + other + right.slice(at + 1);
      if (bent.toLowerCase() !== right.toLowerCase())
        expect(() => readQr(bent), `${other} at ${at}`).toThrow();
    }
  });

  it.each([
    ['https://example.com', 'begins with GATE1?'],
    ['GATE1?id=x', 'k, is missing'],
    [
      qrOf([
        ['id', 'x'],
        ['id', 'y'],
      ]),
      'qr id: stands twice',
    ],
    [qrOf([['z', 'x']]), 'qr z: is not known'],
    [qrOf([['lat', '30']]), 'lat and lon: both'],
    [qrOf([['s', 'x'.repeat(3000)]]), '2048 characters at most'],
  ])('%.40s: %s', (text, hint) => expect(hints(text)).toContain(hint));
});

// What the examples of the contract have in common: a terminal, its key, its day, a case.

import { createPrivateKey } from 'node:crypto';
import type { Identity } from '../agent/contract.ts';
import { headText } from '../agent/store/chain.ts';
import { evidenceKeyOf } from '../agent/store/evidence-key.ts';

export const terminal = 'hz-xihu-0012-east';
export const who: Identity = {
  divisionCode: '330106',
  jurisdiction: '西湖分局文新派出所',
  school: '文新小学',
  address: '西湖区文二西路 12 号',
  position: { lat: 30.287459, lon: 120.094521 },
  gate: '东门',
  gateRoomPhone: '0571-88880012',
  contacts: [{ name: '保卫科王老师', phone: '13800000012' }],
};

/** An Ed25519 key in PKCS#8 is this and 32 bytes. */
export const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex');
export const seed = Buffer.from('gate-agent: an example, no secret');
export const privateKey = Buffer.concat([pkcs8, seed.subarray(0, 32)]);
export const key = evidenceKeyOf(
  createPrivateKey({ key: privateKey, format: 'der', type: 'pkcs8' }),
);
export const { alg, keyId, publicKey } = key;

export const bootId = '8d0c4c1e-6d0b-4f5c-9a53-0d8f4f0a7c21';
export const firstWallMs = Date.UTC(2026, 8, 1, 7, 41, 9, 482);
export const firstMonoMs = 86_412.731;
export const id = (n: number): string => `0199047a-91ba-7000-8000-${String(n).padStart(12, '0')}`;
export const case1 = id(41);

export const momentAt = (afterMs: number) => ({
  ...{ bootId, monoMs: firstMonoMs + afterMs, wallMs: firstWallMs + afterMs },
  clock: 'good' as const,
});

export function head(seq: number) {
  const at = { seq, hash: (seq * 7919).toString(16).padStart(64, '5e') };
  return { ...at, alg, keyId, sig: key.sign(headText(terminal, at)) };
}

export const input = 'desk-button';
export const drill = {
  ...{ minutes: 15, siren: false, untilWallMs: firstWallMs + 900_000 },
  ...{ role: '110-city', user: 'wang' },
} as const;
export const certificate = {
  ...{ name: terminal, fingerprint: 'b7'.repeat(32), fromWallMs: firstWallMs - 63_072_000_000 },
  untilWallMs: firstWallMs + 2_592_000_000,
};
export const pem = (what: string) => `-----BEGIN ${what}-----\nMIIB..\n-----END ${what}-----\n`;
export const csr = pem('CERTIFICATE REQUEST');
export const bundle = `${case1}-${firstWallMs + 240_000}.zip`;

export const fault = { fault: 'dome.lost', detail: 'The dome does not answer.' };
export const open = {
  id: case1,
  input,
  kind: 'emergency',
  step: 'received',
  presses: 2,
  mark: null,
} as const;
export const course = {
  ...{ inputName: '值班台按钮', sentWallMs: firstWallMs + 21, receivedWallMs: firstWallMs + 64 },
  ...{ undeliveredWallMs: null, falseAlarmWallMs: null },
} as const;

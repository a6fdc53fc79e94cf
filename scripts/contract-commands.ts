// The examples of commands, their answers, and what a session is told.

import type { CommandVerb, Verb } from '../agent/core/command.ts';
import type { SessionNotice, StickNotice } from '../agent/core/message.ts';
import {
  bootId,
  bundle,
  case1,
  certificate,
  course,
  drill,
  fault,
  firstWallMs,
  id,
  input,
  open,
  pem,
} from './contract-names.ts';

export const command = (n: number) => ({
  ...{ v: 1, id: id(900 + n), bootId, issuedMs: firstWallMs + 6_000, lifetimeMs: 30_000 },
});
export const session = '0d2f6c1e-talk';
export const lease = id(80);
export const wang = { role: '110-city', user: 'wang' } as const;
export const candidate = {
  candidate: 'candidate:1 1 udp 2113937151 192.0.2.17 51472 typ host',
  mid: '0',
};
export const args: { readonly [V in Verb]: { readonly [key: string]: unknown } } = {
  status: {},
  seen: { incident: case1 },
  take: { incident: case1 },
  resolve: { incident: case1, reason: 'handled', note: '民警已到场', as: 'real' },
  'strobe-on': {},
  'strobe-off': {},
  'siren-on': {},
  'siren-off': {},
  test: { part: 'strobe' },
  'session.offer': {
    ...{ session, kind: 'talk', sdp: 'v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n' },
    turn: { username: '1790000000:wang', credential: 'made-by-the-platform' },
    incident: case1,
  },
  'session.candidate': { session, candidates: [candidate, null] },
  'session.floor': { session, act: 'give', to: '7c1b20aa-talk' },
  'session.stream': { session: '5b7e90d1-live', stream: 'sub' },
  'session.bye': { session },
  'evidence.get': { file: `${case1}-1.mp4`, from: 65_536 },
  'evidence.put': { file: `${case1}-1.mp4`, url: 'https://files.example/put/6a1f?key=short-lived' },
  'evidence.hold': { incident: case1, on: true },
  'window.open': { mark: 'drill', minutes: 15 },
  'window.close': {},
  'make-real': { incident: case1 },
  'evidence.export': { incident: case1, reason: '检察院调取,案号 2026-1107' },
  'incident.list': { before: null, most: 20 },
  'certificate.offer': { request: id(83), chain: pem('CERTIFICATE') },
  'stick.take': {},
  'stick.release': { lease },
  'stick.do': { lease, act: { op: 'preset', preset: '东门' } },
  'stick.move': { v: 1, lease, n: 17, forMs: 250, pan: 0.4, tilt: -0.1 },
  'stick.stop': { v: 1, lease, n: 18 },
  'update.offer': {
    ...{
      version: '1.2.0',
      url: 'https://files.example/gate-agent_1.2.0_amd64.update?key=short-lived',
    },
    ...{ bytes: 58_412_544, sha256: '7f'.repeat(32) },
  },
};
export const results: { readonly [V in CommandVerb]: { readonly [key: string]: unknown } } = {
  status: {
    version: '0.1.0',
    incidents: [{ ...open, raisedWallMs: firstWallMs }],
    faults: [fault],
    ...{ strobe: 'auto', siren: 'off', window: null, stick: wang },
  },
  seen: { step: 'seen', role: '110-city', user: 'wang' },
  take: { step: 'taken', role: '110-city', user: 'wang' },
  resolve: { step: 'resolved', already: false },
  'strobe-on': { strobe: 'on' },
  'strobe-off': { strobe: 'off' },
  'siren-on': { siren: 'on' },
  'siren-off': { siren: 'off' },
  test: { recipe: 'relay 1', verified: true },
  'session.offer': { session, incident: case1, announced: false },
  'session.candidate': {},
  'session.floor': { session, floor: 'none' },
  'session.stream': { session: '5b7e90d1-live', stream: 'sub' },
  'session.bye': { already: false },
  'evidence.get': {
    ...{ file: `${case1}-1.mp4`, from: 65_536, total: 15_204_117 },
    data: 'AAAAHGZ0eXBpc282AAAAAWlzbzZhdmMxbXA0MQ==',
  },
  'evidence.put': { upload: id(81) },
  'evidence.hold': { held: true },
  'window.open': { mark: 'drill', untilWallMs: drill.untilWallMs },
  'window.close': { already: false },
  'make-real': { already: false },
  'evidence.export': { export: id(82), file: bundle },
  'incident.list': {
    cases: [
      {
        ...{ id: case1, input, kind: 'emergency', mark: null, presses: 2, clock: 'good', course },
        ...{ raisedWallMs: firstWallMs, taken: null, held: false, made: null },
        seen: { ...wang, wallMs: firstWallMs + 2_000 },
        resolved: { ...wang, wallMs: firstWallMs + 90_000, reason: 'handled', note: null },
      },
    ],
    next: null,
  },
  'update.offer': { update: id(83) },
  'certificate.offer': {
    fingerprint: certificate.fingerprint,
    untilWallMs: certificate.untilWallMs + 63_072_000_000,
  },
  'stick.take': {
    ...{ lease, idleMs: 30_000, untilWallMs: firstWallMs + 36_000 },
    before: { role: 'campus', user: 'chen' },
  },
  'stick.release': { already: false },
  'stick.do': { preset: '3' },
};
export const notices: readonly (SessionNotice | StickNotice)[] = [
  { kind: 'session.answer', session, sdp: 'v=0\r\no=- 3 4 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n' },
  { kind: 'session.candidate', session, candidates: [candidate] },
  { kind: 'session.connected', session },
  { kind: 'session.heard', session, from: 'room' },
  {
    ...{ kind: 'session.floor', session, yours: true, role: '110-city', user: 'wang' },
    ...{ why: 'asked', asking: [{ session: '7c1b20aa-talk', role: '110-district', user: 'chen' }] },
  },
  { kind: 'session.lost', session, detail: 'talk was ended by SIGKILL. It is started again' },
  { kind: 'session.ended', session, reason: 'resolved', detail: 'the case is resolved' },
  { kind: 'stick.lost', lease, reason: 'taken', ...wang },
  { kind: 'stick.expired', lease },
];
export const refused = {
  reason: 'wrong-boot',
  detail: 'bootId is not that of the newest birth message',
};

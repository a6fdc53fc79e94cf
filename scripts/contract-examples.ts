// One example a message kind, made by the code that makes the real one wherever there is such code.
// Chain heads are signed with a key made of a public seed, so whoever verifies has a test vector:
// their signatures hold under the `evidenceKey` of the example of birth.

import { createPrivateKey } from 'node:crypto';
import { commandVerbs, type Identity, verbs, wireOf } from '../agent/contract.ts';
import { type CommandVerb, isMoveVerb, type Verb } from '../agent/core/command.ts';
import type { MessageBody, SessionNotice, StickNotice } from '../agent/core/message.ts';
import type { TerminalStatus } from '../agent/core/target.ts';
import { headText } from '../agent/store/chain.ts';
import { evidenceKeyOf } from '../agent/store/evidence-key.ts';
import { birthOf, healthOf, willOf } from '../agent/uplink/presence.ts';

const terminal = 'hz-xihu-0012-east';
const who: Identity = {
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
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const seed = Buffer.from('gate-agent: an example, no secret');
const privateKey = Buffer.concat([pkcs8, seed.subarray(0, 32)]);
const key = evidenceKeyOf(createPrivateKey({ key: privateKey, format: 'der', type: 'pkcs8' }));
const { alg, keyId, publicKey } = key;

const bootId = '8d0c4c1e-6d0b-4f5c-9a53-0d8f4f0a7c21';
const firstWallMs = Date.UTC(2026, 8, 1, 7, 41, 9, 482);
const firstMonoMs = 86_412.731;
const id = (n: number): string => `0199047a-91ba-7000-8000-${String(n).padStart(12, '0')}`;
const case1 = id(41);

const momentAt = (afterMs: number) => ({
  ...{ bootId, monoMs: firstMonoMs + afterMs, wallMs: firstWallMs + afterMs },
  clock: 'good' as const,
});

function head(seq: number) {
  const at = { seq, hash: (seq * 7919).toString(16).padStart(64, '5e') };
  return { ...at, alg, keyId, sig: key.sign(headText(terminal, at)) };
}

const input = 'desk-button';
const drill = {
  ...{ minutes: 15, siren: false, untilWallMs: firstWallMs + 900_000 },
  ...{ role: '110-city', user: 'wang' },
} as const;
const certificate = {
  ...{ name: terminal, fingerprint: 'b7'.repeat(32), fromWallMs: firstWallMs - 63_072_000_000 },
  untilWallMs: firstWallMs + 2_592_000_000,
};
const pem = (what: string) => `-----BEGIN ${what}-----\nMIIB..\n-----END ${what}-----\n`;
const csr = pem('CERTIFICATE REQUEST');
const bundle = `${case1}-${firstWallMs + 240_000}.zip`;
const bodies: readonly MessageBody[] = [
  {
    ...{ kind: 'alarm.raised', incident: case1, input, inputName: '值班台按钮' },
    ...{ alarm: 'emergency', edge: 'live', mark: null },
  },
  { kind: 'press.repeated', incident: case1, input, count: 1, presses: 2, mark: null },
  { kind: 'incident.false-alarm', incidents: [case1], mark: null },
  { kind: 'incident.local-reset', incidents: [case1], mark: null },
  {
    ...{ kind: 'incident.resolved', incident: case1, role: '110-city', user: 'wang' },
    ...{ reason: 'handled', note: '民警已到场', mark: null },
  },
  { kind: 'fault.raised', fault: 'dome.lost', detail: 'The dome does not answer.' },
  { kind: 'fault.cleared', fault: 'dome.lost' },
  { kind: 'chain.head' },
  {
    ...{ kind: 'record.unreadable', incident: case1, alarm: 'emergency' },
    ...{ body: '{"id":"0199047a-91ba-7000-8000-0000', problem: 'not JSON' },
  },
  {
    ...{ kind: 'evidence.stored', incidents: [case1], file: `${case1}-1.mp4`, what: 'clip' },
    ...{ cause: null, video: { stream: 'main', codec: 'h264', width: 1920, height: 1080 } },
    ...{ afterMs: null, bytes: 15_204_117, sha256: '9f'.repeat(32), wallMs: firstWallMs - 30_960 },
    ...{ lengthMs: 62_000, missingMs: 0, fragments: 31, mended: false },
  },
  {
    ...{
      kind: 'evidence.missing',
      incident: case1,
      what: 'snapshot',
      afterMs: 1000,
      cause: 'press',
    },
    detail: 'no snapshot from the dome: no answer in 4000 ms',
  },
  {
    ...{ kind: 'evidence.sent', file: `${case1}-1.mp4`, upload: id(81), ok: true, detail: null },
  },
  {
    ...{ kind: 'evidence.exported', export: id(82), incident: case1, ok: true, detail: null },
    ...{ file: bundle, bytes: 16_120_554, sha256: '3c'.repeat(32) },
  },
  {
    ...{ kind: 'record.signed', record: 'acceptance', result: 'passed', sha256: '7b'.repeat(32) },
    ...{ file: 'acceptance-20260901T074509Z-7b7b7b7b.json', role: 'local', user: '安装员 陈' },
    summary: '21 checks passed, none failed, 1 waived',
  },
  {
    ...{ kind: 'patrol.ended', result: 'failed' },
    parts: [
      { part: 'clock', ok: true, detail: 'set by a time server' },
      { part: 'dome', ok: false, detail: 'The dome does not answer.', told: 'dome.lost' },
    ],
  },
  {
    ...{ kind: 'dome.noticed', event: 'line', source: 'Gate', on: null },
    snapshot: `noticed-${id(54)}-0.jpg`,
  },
  {
    ...{ kind: 'incident.made-real', incident: case1, input, inputName: '值班台按钮' },
    ...{ alarm: 'emergency', presses: 1, mark: null, was: 'drill' },
    ...{ reason: 'held', role: null, user: null },
  },
  { ...drill, kind: 'window.opened', mark: 'drill' },
  { kind: 'window.closed', mark: 'drill', reason: 'asked', role: '110-city', user: 'wang' },
  {
    ...{ kind: 'terminal.replaced', user: 'root', from: 'gate-east' },
    backupWallMs: firstWallMs - 86_400_000,
  },
  { kind: 'terminal.retired', user: 'root', unsent: 0, reason: null },
  { kind: 'update.applied', version: '1.2.0', from: '1.1.3' },
  { kind: 'update.failed', update: null, version: '1.2.0', detail: 'new dome.lost' },
  { ...certificate, kind: 'certificate.expiring' },
  {
    ...{ kind: 'certificate.request', request: id(83), name: terminal, csr },
    untilWallMs: certificate.untilWallMs,
  },
  { ...certificate, kind: 'certificate.renewed' },
  {
    ...{ kind: 'drill.report', mark: 'drill', drill: id(83), siren: false, end: 'asked' },
    ...{ sinceWallMs: firstWallMs - 60_000, closedWallMs: firstWallMs + 200_000 },
    ...{ role: '110-city', user: 'wang', judged: 2, within: 1, passed: false },
    cases: [
      {
        ...{ incident: case1, input, inputName: '值班台按钮', alarm: 'emergency', presses: 1 },
        ...{ raisedWallMs: firstWallMs, undelivered: false, madeReal: null },
        hops: [
          { step: 'received', ms: 64, targetMs: 2_000, isWithin: true, role: null, user: null },
          {
            ...{ step: 'taken', ms: 17_400, targetMs: 15_000, isWithin: false },
            ...{ role: '110-city', user: 'wang' },
          },
        ],
      },
    ],
  },
];

const told = bodies.map((body, n): [string, unknown] => {
  const messageId = n === 0 ? case1 : id(41 + n);
  const seq = 1207 + n;
  const lane = 'alarm';
  const message = { id: messageId, seq, lane, at: momentAt(n * 4_000), body } as const;
  return [body.kind, wireOf(message, terminal, who, head(5300 + 3 * n))];
});

const fault = { fault: 'dome.lost', detail: 'The dome does not answer.' };
const open = {
  id: case1,
  input,
  kind: 'emergency',
  step: 'received',
  presses: 2,
  mark: null,
} as const;
const course = {
  ...{ inputName: '值班台按钮', sentWallMs: firstWallMs + 21, receivedWallMs: firstWallMs + 64 },
  ...{ undeliveredWallMs: null, falseAlarmWallMs: null },
} as const;
const status: TerminalStatus = {
  version: '0.1.0',
  incidents: [
    {
      ...{ ...open, raised: momentAt(0), course, taken: null },
      seen: { role: '110-city', user: 'wang', at: momentAt(2_000) },
    },
  ],
  faults: [{ ...fault, since: momentAt(-60_000) }],
  stick: { role: '110-city', user: 'wang', since: momentAt(5_000) },
  lights: { strobe: 'auto', siren: 'off' },
  callers: [
    {
      ...{ session: '0d2f6c1e-talk', role: '110-city', user: 'wang', mode: 'talk', floor: 'has' },
      since: momentAt(4_000),
    },
  ],
  window: null,
};
const self = { terminal, identity: who, evidence: { alg, keyId, publicKey } };
const machine = {
  ...{ uptimeS: 1_814_400, memoryFreeMb: 1210, memoryTotalMb: 1977, diskFreeMb: 20_411 },
  ...{ diskTotalMb: 29_640, diskWearPercent: 20, diskWrittenGb: 310, diskErrors: 0 },
  ...{ temperatureC: 52, timeOffsetMs: 0.031 },
  timeSource: 'chrony',
} as const;
const figures = { uptimeS: 86_395, rssMb: 84, outboxRows: 2, transactions: 911, machine };

const command = (n: number) => ({
  ...{ v: 1, id: id(900 + n), bootId, issuedMs: firstWallMs + 6_000, lifetimeMs: 30_000 },
});
const session = '0d2f6c1e-talk';
const lease = id(80);
const wang = { role: '110-city', user: 'wang' } as const;
const candidate = {
  candidate: 'candidate:1 1 udp 2113937151 192.0.2.17 51472 typ host',
  mid: '0',
};
const args: { readonly [V in Verb]: { readonly [key: string]: unknown } } = {
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
const results: { readonly [V in CommandVerb]: { readonly [key: string]: unknown } } = {
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
const notices: readonly (SessionNotice | StickNotice)[] = [
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
const refused = { reason: 'wrong-boot', detail: 'bootId is not that of the newest birth message' };

/** By name of the kind. */
export const examples: ReadonlyMap<string, unknown> = new Map([
  ...told,
  ['birth', JSON.parse(birthOf(self, status, momentAt(900)))],
  ['will', JSON.parse(willOf(terminal, bootId))],
  ['health', JSON.parse(healthOf(self, { ...figures, faults: [fault.fault] }, momentAt(0)))],
  ['receipt', { v: 1, ids: [case1, id(42)] }],
  ...verbs.map((verb, n): [string, unknown] => {
    const head = isMoveVerb(verb) ? {} : command(n);
    return [`cmd.${verb}`, { ...head, ...args[verb] }];
  }),
  ...commandVerbs.map((verb, n): [string, unknown] => [
    `reply.${verb}`,
    { v: 1, id: command(n).id, verb, ok: true, result: results[verb] },
  ]),
  ...notices.map((one): [string, unknown] => [`notice.${one.kind}`, { v: 1, ...one }]),
  ['reply.refused', { v: 1, id: command(2).id, verb: 'take', ok: false, ...refused }],
]);

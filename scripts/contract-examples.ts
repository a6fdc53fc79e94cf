// One example a message kind, made by the code that makes the real one wherever there is such code.
// Chain heads are signed with a key made of a public seed, so whoever verifies has a test vector:
// their signatures hold under the `evidenceKey` of the example of birth.

import { commandVerbs, verbs, wireOf } from '../agent/contract.ts';
import { isMoveVerb } from '../agent/core/command.ts';
import type { MessageBody } from '../agent/core/message.ts';
import type { TerminalStatus } from '../agent/core/target.ts';
import { birthOf, healthOf, willOf } from '../agent/uplink/presence.ts';
import { args, command, notices, refused, results } from './contract-commands.ts';
import {
  alg,
  bootId,
  bundle,
  case1,
  certificate,
  course,
  csr,
  drill,
  fault,
  firstWallMs,
  head,
  id,
  input,
  keyId,
  momentAt,
  open,
  publicKey,
  terminal,
  who,
} from './contract-names.ts';

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

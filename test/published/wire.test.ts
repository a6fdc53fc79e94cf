// Whatever core has to tell, the published schema allows; and published schema and zod never disagree
// about a message, however it is bent.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { roles, wireOf } from '#agent/contract.ts';
import { talkModes } from '#agent/core/command.ts';
import { causes, evidenceKinds } from '#agent/core/evidence.ts';
import { domeEvents } from '#agent/core/fact.ts';
import { floorStands } from '#agent/core/floor.ts';
import { madeRealBy, marks, windowEnds } from '#agent/core/mark.ts';
import type { Message, MessageBody } from '#agent/core/message.ts';
import { kinds as alarmKinds } from '#agent/core/state.ts';
import { ladder, type Step, type TerminalStatus } from '#agent/core/target.ts';
import { birthOf, healthOf, willOf } from '#agent/uplink/presence.ts';
import { Published } from '#test/support/published.ts';
import { examples } from '../../scripts/contract-examples.ts';
import { kinds } from '../../scripts/contract-kinds.ts';

const published = new Published();
const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const wallMs = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const monoMs = fc.double({ min: 0, max: 1e12, noNaN: true });
const count = fc.integer({ min: 1 });
const terminal = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);
const clock = fc.constantFrom('good', 'unknown');
const moment = fc.record({ bootId: text, monoMs, wallMs, clock });
const at = fc.record({ id: text, bootId: text, monoMs, wallMs, clock });
const phone = fc.record({ name: text, phone: text });
const position = fc.record({ lat: fc.double({ noNaN: true }), lon: fc.double({ noNaN: true }) });
const identity = fc.record({
  ...{ divisionCode: text, jurisdiction: text, school: text, address: text, gate: text },
  position: fc.option(position.filter(({ lat, lon }) => Number.isFinite(lat + lon))),
  gateRoomPhone: text,
  contacts: fc.array(phone, { maxLength: 3 }),
});
const head = fc.record({
  seq: fc.nat(),
  hash: fc.stringMatching(/^[0-9a-f]{64}$/),
  alg: fc.constant('ed25519'),
  ...{ keyId: text, sig: text },
});
const isMarked = fc.constantFrom(...marks);
const mark = fc.option(isMarked);
const who = { role: fc.option(text), user: fc.option(text) };
const cause = fc.option(fc.constantFrom(...causes));
const body = fc.oneof(
  fc.record({
    kind: fc.constant('alarm.raised'),
    ...{ incident: text, input: text, inputName: text },
    alarm: fc.constantFrom(...alarmKinds),
    edge: fc.constantFrom('live', 'held-at-start', 'counted'),
    mark,
  }),
  fc.record({
    kind: fc.constant('press.repeated'),
    ...{ incident: text, input: text, count, presses: count, mark },
  }),
  fc.record({
    kind: fc.constantFrom('incident.false-alarm', 'incident.local-reset'),
    incidents: fc.array(text, { maxLength: 4 }),
    mark,
  }),
  fc.record({
    ...{ kind: fc.constant('incident.made-real'), mark: fc.constant(null) },
    ...{ incident: text, input: text, inputName: text, presses: count, ...who },
    alarm: fc.constantFrom(...alarmKinds),
    ...{ was: isMarked, reason: fc.constantFrom(...madeRealBy) },
  }),
  fc.record({
    ...{ kind: fc.constant('window.opened'), mark: isMarked, minutes: count },
    ...{ siren: fc.boolean(), untilWallMs: fc.nat(), role: text, user: text },
  }),
  fc.record({
    ...{ kind: fc.constant('window.closed'), mark: isMarked, ...who },
    reason: fc.constantFrom(...windowEnds),
  }),
  fc.record({
    kind: fc.constant('incident.resolved'),
    ...{ incident: text, role: text, user: text, reason: text },
    note: fc.option(text),
    mark,
  }),
  fc.record(
    { kind: fc.constant('fault.raised'), fault: text, detail: text, snapshot: text },
    { requiredKeys: ['kind', 'fault', 'detail'] },
  ),
  fc.record(
    {
      kind: fc.constant('dome.noticed'),
      event: fc.constantFrom(...domeEvents),
      source: text,
      on: fc.option(fc.boolean()),
      snapshot: text,
    },
    { requiredKeys: ['kind', 'event', 'source', 'on'] },
  ),
  fc.record({ kind: fc.constant('fault.cleared'), fault: text }),
  fc.record({ kind: fc.constant('chain.head') }),
  fc.record({
    ...{ kind: fc.constant('terminal.replaced'), user: text, from: text },
    backupWallMs: fc.nat(),
  }),
  fc.record({
    ...{ kind: fc.constant('terminal.retired'), user: text, unsent: fc.nat() },
    reason: fc.option(text),
  }),
  fc.record({
    ...{ kind: fc.constant('evidence.stored'), incidents: fc.array(text, { maxLength: 4 }) },
    ...{ file: text, bytes: fc.nat(), lengthMs: fc.nat(), missingMs: fc.nat(), wallMs },
    sha256: fc.stringMatching(/^[0-9a-f]{64}$/),
    what: fc.constantFrom(...evidenceKinds),
    ...{ afterMs: fc.option(fc.nat()), fragments: fc.nat(), mended: fc.boolean(), cause },
    video: fc.option(
      fc.record({
        stream: fc.constantFrom('main', 'sub'),
        codec: fc.constant('h264'),
        ...{ width: fc.nat(), height: fc.nat() },
      }),
    ),
  }),
  fc.record({
    ...{ kind: fc.constant('evidence.missing'), incident: text, detail: text, cause },
    ...{ what: fc.constantFrom(...evidenceKinds), afterMs: fc.option(fc.nat()) },
  }),
  fc.record({
    ...{ kind: fc.constant('evidence.sent'), file: text, upload: text, ok: fc.boolean() },
    detail: fc.option(text),
  }),
  fc.record({
    kind: fc.constantFrom('certificate.expiring', 'certificate.renewed'),
    ...{ name: text, fingerprint: fc.stringMatching(/^[0-9a-f]{64}$/) },
    ...{ fromWallMs: wallMs, untilWallMs: wallMs },
  }),
  fc.record({
    ...{ kind: fc.constant('certificate.request'), request: text, csr: text, name: text },
    untilWallMs: wallMs,
  }),
) satisfies fc.Arbitrary<MessageBody>;
const message: fc.Arbitrary<Message> = fc.record({
  id: fc.string({ minLength: 1, maxLength: 128 }),
  seq: fc.nat(),
  lane: fc.constantFrom('alarm', 'event', 'telemetry'),
  ...{ at: moment, body },
});
const person = { role: fc.constantFrom(...roles), user: text };
const claim = fc.option(fc.record({ ...person, at: moment }));
const when = fc.option(fc.nat());
const course = fc.record({
  ...{ inputName: text, sentWallMs: when, receivedWallMs: when },
  ...{ undeliveredWallMs: when, falseAlarmWallMs: when },
});
const light = fc.constantFrom('auto', 'on', 'off');
const status: fc.Arbitrary<TerminalStatus> = fc.record({
  version: text,
  incidents: fc.array(
    fc.record({
      ...{ id: text, input: text, raised: moment, presses: count, seen: claim, taken: claim, mark },
      course,
      kind: fc.constantFrom(...alarmKinds),
      step: fc.constantFrom<Step | 'unstored'>('unstored', ...ladder),
    }),
    { maxLength: 3 },
  ),
  faults: fc.array(fc.record({ fault: text, detail: text, since: moment }), { maxLength: 3 }),
  stick: fc.option(fc.record({ ...person, since: moment })),
  lights: fc.record({ strobe: light, siren: light }),
  callers: fc.array(
    fc.record({
      ...{ ...person, session: fc.constantFrom('a-1', 'b.2'), since: moment },
      ...{ mode: fc.constantFrom(...talkModes), floor: fc.constantFrom(...floorStands) },
    }),
    { maxLength: 3 },
  ),
  window: fc.option(
    fc.record({
      ...{ mark: isMarked, siren: fc.boolean(), role: text, user: text },
      ...{ sinceWallMs: fc.nat(), untilWallMs: fc.nat() },
    }),
  ),
});

const asSent = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

it('wireOf whatever core tells is allowed by the published schema of its kind', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(message, terminal, identity, head, (told, id, who, chain) => {
      seen.add(told.body.kind);
      const sent = asSent(wireOf(told, id, who, chain));
      expect(published.wrongWith(told.body.kind, sent)).toEqual([]);
    }),
    { numRuns: 1000 },
  );
  expect(seen.size).toBe(20);
});

it('birth, will and health are allowed by theirs', () => {
  const figure = fc.nat();
  const figures = fc.record({
    ...{ uptimeS: figure, rssMb: figure, outboxRows: figure, transactions: figure },
    faults: fc.array(text, { maxLength: 3 }),
  });
  fc.assert(
    fc.property(status, terminal, identity, at, figures, (state, id, who, now, some) => {
      const evidence = { alg: 'ed25519', keyId: 'k', publicKey: 'cHVi' } as const;
      const self = { terminal: id, identity: who, evidence };
      const wrong = (kind: string, json: string) => published.wrongWith(kind, JSON.parse(json));
      expect(wrong('birth', birthOf(self, state, now))).toEqual([]);
      expect(wrong('will', willOf(id, now.bootId))).toEqual([]);
      expect(wrong('health', healthOf(self, some, now))).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

const junk = fc.oneof(
  fc.constantFrom<unknown>(null, true, 0, -1, 0.5, 1, 2, 1000, 30_001, 2 ** 53, 1e300, '', {}, []),
  fc.constantFrom('live', 'a/b', '.x', 'x'.repeat(64), 'x'.repeat(65), 'x'.repeat(129)),
  fc.constantFrom('ed25519', 'f'.repeat(64), 'x'.repeat(2001), Array(1001).fill('i'), ['']),
  fc.string(),
);
const change = fc.oneof(
  junk.map((put) => () => put),
  fc.constant(() => undefined),
  fc.tuple(fc.constantFrom('incident', 'note', 'x'), junk).map(([key, value]) => {
    return (old: unknown) =>
      typeof old === 'object' && !Array.isArray(old) ? { ...old, [key]: value } : old;
  }),
);

/** A copy that is changed at the end of a path: each turn says which way to go in. */
function bend(value: unknown, turns: readonly number[], how: (old: unknown) => unknown): unknown {
  const [turn, ...rest] = turns;
  if (turn === undefined || typeof value !== 'object' || value === null) return how(value);
  const entries = Object.entries(value);
  const [key, inner] = entries[turn % Math.max(1, entries.length)] ?? [];
  if (key === undefined) return how(value);
  const bent = bend(inner, rest, how);
  return Array.isArray(value) ? value.with(Number(key), bent) : { ...value, [key]: bent };
}

it('published schema and zod agree about every bent message', () => {
  const turns = fc.array(fc.nat({ max: 30 }), { minLength: 0, maxLength: 4 });
  let [allowed, refused] = [0, 0];
  fc.assert(
    fc.property(fc.constantFrom(...kinds), turns, change, ({ name, schema }, path, how) => {
      const bent = asSent(bend(examples.get(name), path, how) ?? null);
      const wrong = published.wrongWith(name, bent);
      expect(wrong.length === 0, wrong.join('; ')).toBe(schema.safeParse(bent).success);
      if (wrong.length > 0) refused += 1;
      else allowed += 1;
    }),
    { numRuns: 5000 },
  );
  expect(Math.min(allowed, refused), 'both came up').toBeGreaterThan(500);
});

// A case with all that can be in one, its chain, its files and the bundle of it: made by the real parts, with
// a key of the test's own.

import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Fact, FactOf } from '#agent/core/fact.ts';
import type { Moment } from '#agent/core/state.ts';
import { type Desk, makeBundle, type Order } from '#agent/evidence/bundle.ts';
import { recordsOf } from '#agent/evidence/case.ts';
import { reportOf } from '#agent/evidence/report.ts';
import type { Report, ReportSource } from '#agent/evidence/report-model.ts';
import { extend, genesis } from '#agent/store/chain.ts';
import { evidenceKeyOf } from '#agent/store/evidence-key.ts';
import type { AuditRow, Checkpoint } from '#agent/store/protocol.ts';
import { offerOf, Story, setup } from '#test/core/story.ts';

export const terminal = {
  ...{ id: 'hz-xihu-0012-east', version: '0.1.0', divisionCode: '330106' },
  ...{ jurisdiction: '西湖分局文新派出所', school: '文新小学', gate: '东门' },
  ...{ address: '西湖区文二西路 12 号', position: null, gateRoomPhone: '0571-88880012' },
};
export const newKey = () => evidenceKeyOf(generateKeyPairSync('ed25519').privateKey);

const box = (type: string, body: Buffer): Buffer => {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + body.length, 0);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, body]);
};
const noise = (seed: string, bytes: number): Buffer =>
  Buffer.alloc(bytes, createHash('sha512').update(seed).digest());

export interface Film {
  readonly bytes: Buffer;
  readonly fragments: readonly Buffer[];
}

/** Boxes as our films have them, with nothing in them that could be played. */
export function film(seed: string, fragments = 4, bytes = 3_000): Film {
  const parts = Array.from({ length: fragments }, (_, n) => {
    const of = `${seed} ${n}`;
    return Buffer.concat([box('moof', noise(of, 100 + n)), box('mdat', noise(`${of}!`, bytes))]);
  });
  const head = [box('ftyp', noise(seed, 20)), box('moov', noise(`${seed}?`, 300))];
  return { bytes: Buffer.concat([...head, ...parts]), fragments: parts };
}

const sha = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

export function written(
  story: Story,
  file: string,
  { fragments }: Film,
): FactOf<'evidence.written'> {
  const each = fragments.map((one, n) => ({
    ...{ sha256: sha(one), bytes: one.length, monoMs: story.monoMs - 31_000 + n * 2_000 },
    lengthMs: 2_000,
  }));
  return { kind: 'evidence.written', file, first: 1, fragments: each };
}

export const stored = (
  incident: string,
  file: string,
  bytes: Buffer,
  more: Partial<FactOf<'evidence.stored'>> = {},
): FactOf<'evidence.stored'> => ({
  ...({ kind: 'evidence.stored', file, incident, what: 'clip', afterMs: null } as const),
  ...{ bytes: bytes.length, sha256: sha(bytes), wallMs: Date.UTC(2026, 10, 21, 7, 59, 29) },
  ...{ lengthMs: 8_000, missingMs: 0, fragments: 4, mended: false, video: null },
  ...more,
});

export interface Told {
  readonly story: Story;
  readonly files: ReadonlyMap<string, Buffer>;
}

/** Another case before and one during it, whose words must not get into its bundle. */
export function caseOf(): Told {
  const story = new Story({ evidence: true });
  story.press('nurse');
  const other = story.of('nurse');
  story.ack(other).receipt(other);
  story.command({ verb: 'resolve', incident: other.id, reason: 'a-secret-of-others', note: null });
  story.happens({
    kind: 'fault.raised',
    fault: 'dome.lost',
    detail: 'The dome <b>does not</b> answer.',
  });
  story.happens({ kind: 'fault.raised', fault: 'gone.before', detail: 'x' });
  story.happens({ kind: 'fault.cleared', fault: 'gone.before' }).passes(200_000);
  story.press('desk');
  const { id } = story.of('desk');
  const clip = film('clip');
  const clipFile = `${id}-1.mp4`;
  const jpeg = noise('jpeg', 2_000);
  story.passes(30).ack(story.of('desk')).passes(90).receipt(story.of('desk'));
  story.happens(stored(id, `${id}-0.jpg`, jpeg, { what: 'snapshot', afterMs: 0, fragments: 1 }));
  const missing = { kind: 'evidence.missing', incident: id, what: 'snapshot' } as const;
  story.happens({ ...missing, afterMs: 1000, detail: 'no snapshot from the dome: HTTP 503' });
  story.passes(1_000).command({ verb: 'seen', incident: id });
  story.passes(2_500).command({ verb: 'take', incident: id });
  story.command({ verb: 'status' }, { role: 'platform', user: 'a-stranger' });
  talk(story);
  const lease = story.takes({ role: '110-city', user: 'li' });
  story.moves({ lease, n: 1, pan: 0.5 }).passes(400).moves({ lease, n: 2 });
  story.command({ verb: 'stick.release', lease });
  story.press('desk').press('false').press('reset').press('gate');
  story.command({ verb: 'siren-off' });
  story.happens({ kind: 'fault.cleared', fault: 'dome.lost' });
  story.happens(written(story, clipFile, clip)).passes(60_000);
  const note = '民警已到场,<script>alert(1)</script>\u202e';
  story.command({ verb: 'resolve', incident: id, reason: 'handled', note });
  story.passes(121_000).happens(stored(id, clipFile, clip.bytes));
  story.command(
    { verb: 'evidence.export', incident: id, reason: '检察院调取' },
    { role: 'platform', user: 'zhang' },
  );
  return {
    story,
    files: new Map([
      [clipFile, clip.bytes],
      [`${id}-0.jpg`, jpeg],
    ]),
  };
}

function talk(story: Story): void {
  story.command(offerOf('s-1'), { role: '110-city', user: 'li' }).passes(300);
  story.happens({ kind: 'session.connected', session: 's-1' }).passes(20_000);
  story.command({ verb: 'session.bye', session: 's-1' });
}

/** The chain of these records. */
export function chainOf(
  recorded: readonly { readonly at: Moment; readonly fact: Fact }[],
): AuditRow[] {
  const rows: AuditRow[] = [];
  for (const { at, fact } of recorded) rows.push(extend(rows.at(-1) ?? genesis, at, fact));
  return rows;
}

export interface Bundled {
  readonly dir: string;
  readonly path: string;
  readonly bytes: Buffer;
  readonly order: Order;
  /** Questions that were asked, in their order. */
  readonly asked: readonly string[];
  remove(): void;
}

export interface Change {
  readonly rows?: readonly AuditRow[];
  readonly checkpoints?: readonly Checkpoint[];
  readonly key?: ReturnType<typeof newKey>;
  readonly earlier?: readonly ReturnType<typeof newKey>[];
  readonly capMb?: number;
  readonly reserveMb?: number;
  /** Before it is made. */
  readonly prepare?: (dir: string) => void;
}

export async function bundled({ story, files }: Told, change: Change = {}): Promise<Bundled> {
  const { rows = chainOf(story.recorded), checkpoints = [], key = newKey(), earlier = [] } = change;
  const { capMb = 64, reserveMb = 0, prepare } = change;
  const [wanted] = story.wanted.exports.exports;
  if (!wanted) throw new Error('nothing is exported');
  const dir = mkdtempSync(join(tmpdir(), 'gate-bundle-'));
  for (const [name, bytes] of files) writeFileSync(join(dir, name), bytes);
  prepare?.(dir);
  const order: Order = {
    wanted,
    terminal,
    inputs: setup.inputs,
    key,
    earlier,
    dir,
    capMb,
    reserveMb,
  };
  const asked: string[] = [];
  const desk: Desk = {
    page: async (before) => {
      asked.push('page');
      const all = rows.filter(({ seq }) => before === null || seq < before);
      return { rows: all.slice(-50).reverse(), checkpoints: before === null ? checkpoints : [] };
    },
    sign: async (text) => {
      asked.push('sign');
      return key.sign(text);
    },
    leave: async () => void asked.push('leave'),
  };
  const remove = () => rmSync(dir, { recursive: true, force: true });
  try {
    await makeBundle(order, desk);
  } catch (error) {
    remove();
    throw error;
  }
  const path = join(dir, wanted.file);
  return { dir, path, bytes: readFileSync(path), order, asked, remove };
}

const chain = {
  ...{ fromSeq: 1, headSeq: 41, headHash: 'ab'.repeat(32) },
  ...{ keyId: '0123456789abcdef', fingerprint: '0123456789abcdef'.repeat(4) },
};

export function sourceOf(story: Story, change: Partial<ReportSource> = {}): ReportSource {
  const [wanted] = story.wanted.exports.exports;
  if (!wanted) throw new Error('nothing is exported');
  const all = story.recorded.map((one, n) => ({ seq: n + 1, ...one }));
  const records = recordsOf(all, wanted.case, setup.inputs);
  return {
    ...{ begun: wanted, at: wanted.at, records, terminal, inputs: setup.inputs, chain },
    ...{ pruned: 0, isWhole: true, absent: [] },
    ...change,
  };
}

export const realReport = (): Report => reportOf(sourceOf(caseOf().story));

// The part of the chain that proves a case: its own records, and of all others between the first of them
// and the signed head the hash of their bodies. Read backwards, page by page; what is far from the case is
// kept as a hash at once. `chain.jsonl` is this as text, a record or a run of stubs a line.

import { hash as digest } from 'node:crypto';
import * as z from 'zod';
import type { Incident } from '../core/state.ts';
import { type ChainAt, genesis, nextHash } from '../store/chain.ts';
import type { AuditRow, Checkpoint, Records } from '../store/protocol.ts';
import { type CaseInputs, isOpening, isSame, type Recorded, recordsOf } from './case.ts';

export interface Segment {
  /** After it the first record comes. */
  readonly from: ChainAt;
  readonly head: ChainAt;
  readonly checkpoints: readonly Checkpoint[];
  /** In order of their numbers; a body is there for the case's own alone. */
  readonly rows: readonly AuditRow[];
  readonly records: readonly Recorded[];
  /** Records of the time of the case whose body has been pruned. */
  readonly pruned: number;
  /** The record of its press is there. */
  readonly isWhole: boolean;
}

export const segmentLimits = {
  /** Of a page. */
  rows: 200,
  /** Looked through before the press, for faults that lasted. */
  before: 2_000,
  /** All that the database may hold, and more. */
  rowsMax: 400_000,
  bytesMax: 64 * 1024 * 1024,
  lineCharsMax: 512 * 1024,
  /** Stubs of a line. */
  run: 256,
} as const;

/** Throws what reading throws, and where there is no record at all. */
export async function gather(
  incident: Incident,
  inputs: CaseInputs,
  page: (before: number | null) => Promise<Records>,
): Promise<Segment> {
  const walk = new Walk(incident);
  let before: number | null = null;
  let checkpoints: readonly Checkpoint[] = [];
  for (;;) {
    const records: Records = await page(before);
    if (before === null) checkpoints = records.checkpoints;
    const isDone = records.rows.some((row) => walk.take(row));
    before = records.rows.at(-1)?.seq ?? null;
    if (isDone || before === null) break;
  }
  return walk.segment(inputs, checkpoints);
}

/** Newest first. */
class Walk {
  readonly #incident: Incident;
  readonly #rows: AuditRow[] = [];
  #phase: 'after' | 'in' | 'before' = 'after';
  #before = 0;
  #pruned = 0;

  constructor(incident: Incident) {
    this.#incident = incident;
    if (!incident.resolved) this.#phase = 'in';
  }

  /** True: that is far enough. */
  take(row: AuditRow): boolean {
    if (this.#phase === 'after' && this.#isAt(row, this.#incident.resolved?.at)) this.#phase = 'in';
    this.#rows.push(this.#mayMatter(row) ? row : stubOf(row));
    if (this.#phase === 'in' && row.body === null) this.#pruned++;
    if (this.#phase === 'before')
      return row.kind === 'terminal.started' || ++this.#before >= segmentLimits.before;
    const recorded = this.#isAt(row, this.#incident.raised) ? recordedOf(row) : null;
    if (recorded && isOpening(recorded, this.#incident)) this.#phase = 'before';
    return this.#rows.length >= segmentLimits.rowsMax;
  }

  segment(inputs: CaseInputs, all: readonly Checkpoint[]): Segment {
    const rows = this.#rows.reverse();
    const found = recordsOf(
      rows.flatMap((row) => recordedOf(row) ?? []),
      this.#incident,
      inputs,
    );
    const own = new Set(found.map(({ seq }) => seq));
    const firstAt = rows.findIndex(({ seq }) => own.has(seq));
    const head = rows.at(-1);
    const first = rows[firstAt];
    if (!head || !first) throw new Error('the chain has no record of this case');
    const from = previousOf(rows[firstAt - 1], first, all);
    return {
      ...{ from, head: { seq: head.seq, hash: head.hash }, records: found },
      checkpoints: all.filter(({ why, seq }) => why === 'lost' && seq > from.seq),
      rows: rows.slice(firstAt).map((row) => (own.has(row.seq) ? row : stubOf(row))),
      ...{ pruned: this.#pruned, isWhole: this.#phase === 'before' },
    };
  }

  #isAt({ wallMs, monoMs, bootId }: AuditRow, at: Incident['raised'] | undefined): boolean {
    return at !== undefined && isSame(at, { wallMs, monoMs, bootId, clock: at.clock });
  }

  #mayMatter({ kind, body }: AuditRow): boolean {
    if (body === null || this.#phase === 'in') return true;
    const { id, clip = id } = this.#incident;
    if (body.includes(id) || body.includes(clip)) return true;
    if (this.#phase === 'before') return kind.startsWith('fault.') || kind === 'terminal.started';
    return kind === 'session.ended' || kind === 'stick.ended';
  }
}

const stubOf = (row: AuditRow): AuditRow => ({
  ...{ seq: row.seq, bodyHash: row.bodyHash, hash: row.hash, body: null },
  ...{ kind: '', wallMs: 0, monoMs: 0, bootId: '' },
});

/** Null: it has been pruned. */
export function recordedOf({ seq, body }: AuditRow): Recorded | null {
  if (body === null) return null;
  const { at, fact }: Pick<Recorded, 'at' | 'fact'> = JSON.parse(body);
  return { seq, at, fact };
}

function previousOf(
  before: AuditRow | undefined,
  first: AuditRow,
  checkpoints: readonly Checkpoint[],
): ChainAt {
  const { seq, hash } = before ??
    checkpoints.find((one) => one.seq === first.seq - 1) ?? { ...genesis, seq: first.seq - 1 };
  return { seq, hash };
}

// ---- as text ---------------------------------------------------------------------------------

const hex = z.string().regex(/^[0-9a-f]{64}$/);
const seq = z.number().int().nonnegative();
const at = z.strictObject({ seq, hash: hex });
const checkpoint = z.strictObject({
  ...{ why: z.enum(['pruned', 'lost']), seq, hash: hex, alg: z.literal('ed25519') },
  ...{ keyId: z.string().max(64), sig: z.string().max(128) },
});
const headLine = z.strictObject({
  v: z.literal(1),
  terminal: z.string().max(64),
  from: at,
  checkpoints: z.array(checkpoint).max(1000),
});
const recordLine = z.strictObject({ seq, hash: hex, body: z.string() });
const stubLine = z.strictObject({ seq, stubs: z.array(hex).min(1).max(segmentLimits.run) });
/** Behind a loss a stub's own hash cannot be worked out. */
const loneLine = z.strictObject({ seq, hash: hex, stub: hex });

export function* linesOf(segment: Segment, terminal: string): Generator<string> {
  const { from, checkpoints, rows } = segment;
  yield JSON.stringify({ v: 1, terminal, from, checkpoints });
  let run: AuditRow[] = [];
  let last = from.seq;
  const runLine = () => JSON.stringify({ seq: run[0]?.seq, stubs: run.map((row) => row.bodyHash) });
  for (const row of rows) {
    const follows = row.seq === last + 1;
    last = row.seq;
    if (row.body === null && follows && run.length < segmentLimits.run) {
      run.push(row);
      continue;
    }
    if (run.length > 0) yield runLine();
    run = [];
    if (row.body !== null) yield JSON.stringify({ seq: row.seq, hash: row.hash, body: row.body });
    else if (follows) run.push(row);
    else yield JSON.stringify({ seq: row.seq, hash: row.hash, stub: row.bodyHash });
  }
  if (run.length > 0) yield runLine();
}

export interface Read extends Pick<Segment, 'from' | 'checkpoints' | 'rows'> {
  readonly terminal: string;
}

/** Reads `chain.jsonl`; what cannot be understood is one sentence. */
export function readLines(text: string): Read | { readonly problem: string } {
  const [first = '', ...lines] = text.split('\n');
  const head = headLine.safeParse(jsonOf(first));
  if (!head.success) return { problem: 'line 1 does not say where the chain goes on' };
  if (lines.pop() !== '') return { problem: 'its last line is cut off' };
  const rows: AuditRow[] = [];
  let last: ChainAt = head.data.from;
  for (const [n, line] of lines.entries()) {
    const problem = `line ${n + 2} is no record`;
    if (line.length > segmentLimits.lineCharsMax) return { problem };
    const found = rowsOf(jsonOf(line), last);
    if (!found || rows.length + found.length > segmentLimits.rowsMax) return { problem };
    for (const row of found) rows.push(row);
    last = found.at(-1) ?? last;
  }
  const { terminal, from, checkpoints } = head.data;
  return { terminal, from, checkpoints, rows };
}

function rowsOf(line: unknown, last: ChainAt): AuditRow[] | null {
  const none = { kind: '', wallMs: 0, monoMs: 0, bootId: '', body: null };
  const stubs = stubLine.safeParse(line);
  if (stubs.success) {
    let previous = last;
    return stubs.data.stubs.map((bodyHash, n) => {
      const number = stubs.data.seq + n;
      previous = { seq: number, hash: nextHash(previous.hash, number, bodyHash) };
      return { ...none, ...previous, bodyHash };
    });
  }
  const lone = loneLine.safeParse(line);
  if (lone.success) return [{ ...none, ...lone.data, bodyHash: lone.data.stub }];
  const record = recordLine.safeParse(line);
  if (!record.success) return null;
  const { seq: number, hash, body } = record.data;
  return rowOfBody({ seq: number, hash, body });
}

const bodyShape = z.object({
  at: z.object({ wallMs: z.number(), monoMs: z.number(), bootId: z.string() }),
  fact: z.object({ kind: z.string() }),
});

function rowOfBody(row: { seq: number; hash: string; body: string }): AuditRow[] | null {
  const read = bodyShape.safeParse(jsonOf(row.body));
  if (!read.success) return null;
  const { wallMs, monoMs, bootId } = read.data.at;
  return [
    {
      ...row,
      kind: read.data.fact.kind,
      wallMs,
      monoMs,
      bootId,
      bodyHash: digest('sha256', row.body, 'hex'),
    },
  ];
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

// What the loop relies on, whatever the store is made of.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { alarmMessage } from '#agent/contract.ts';
import type { Lane } from '#agent/core/message.ts';
import type { Durable } from '#agent/core/state.ts';
import type { Sink, Store } from '#agent/ports.ts';
import { type Signed, verifyChain, verifyHead } from '#agent/store/chain.ts';
import type { Evidence } from '#agent/store/evidence-key.ts';
import type { AuditRow } from '#agent/store/protocol.ts';
import {
  headOf,
  incident,
  message,
  moment,
  nothing,
  press,
  pressId,
  RecordingSink,
  terminal,
} from '#test/store/support.ts';

export interface StoreRig {
  /** As it is now; another object after `restart`. */
  readonly store: Store & { readonly evidence: Evidence };
  /** Closes, and gives a store on the same data that is not open yet. */
  restart(): Promise<void>;
  /** The records as they lie on disk. */
  audit(): AuditRow[];
  /** Puts bytes into a row, as a bad disk would; before `restart`. */
  spoil(table: string, id: string, body: string): void;
  dispose(): Promise<void>;
}

export function storeSuite(name: string, make: () => Promise<StoreRig>): void {
  describe(`store: ${name}`, () => {
    let rig: StoreRig;
    const sink = new RecordingSink();
    beforeEach(async () => {
      rig = await make();
      rig.store.open(sink);
    });
    afterEach(() => rig.dispose());

    const reopen = async (into: Sink = sink): Promise<Durable> => {
      await rig.restart();
      return rig.store.open(into);
    };
    const ids = async (lane: Lane, afterSeq = 0, limit = 100) =>
      (await rig.store.page(lane, afterSeq, limit)).map(({ id }) => id);
    const signed = async (): Promise<Signed> => {
      const rows = await rig.store.page('alarm', 0, 1000);
      const heads = rows.map(({ payload }) => headOf(payload));
      return { terminal, publicKey: rig.store.evidence.publicKey, heads };
    };

    test('what was committed is loaded again', async () => {
      const one = { ...incident('a'), note: 'a key of a later version' };
      const site = { id: 'site', nextSeq: 7, strobe: 'off', siren: 'auto', headTold: '2026-11-20' };
      const committed = rig.store.commit({
        ...nothing,
        entities: [
          { table: 'incidents', id: 'a', body: one },
          { table: 'site', id: 'site', body: site },
        ],
      });
      expect(committed).toEqual({ durable: true, reason: null, rows: [] });
      const durable = await reopen();
      expect(durable).toEqual({ incidents: { a: one }, inputs: {}, obeyed: {}, site: { site } });
    });

    test('what follows is made ready while the disk writes, with the rows as they will be told', () => {
      const steps: unknown[] = [];
      const { rows } = rig.store.commit(press(1), (sealed) => {
        steps.push(
          sealed.map(({ payload }) => payload),
          rig.store.figures().transactions,
        );
      });
      expect(steps).toEqual([rows.map(({ payload }) => payload), 0]);
      expect(rig.store.figures().transactions).toBe(1);
    });

    test('a turn that was expected leaves no trace, whether it came or not', async () => {
      rig.store.expectTurn();
      expect(rig.store.commit(press(1)).durable).toBe(true);
      for (let n = 0; n < 3; n++) rig.store.expectTurn();
      const { outboxRows, transactions } = rig.store.figures();
      expect({ outboxRows, transactions }).toEqual({ outboxRows: 1, transactions: 1 });
      const durable = await reopen();
      expect(JSON.stringify(durable)).not.toContain('rehearsal');
      expect(await ids('alarm')).toEqual([pressId(1)]);
      expect(verifyChain(rig.audit(), await signed())).toMatchObject({ ok: true, seq: 1 });
    });

    test('a row that cannot be read is told, with its bytes, before open returns', async () => {
      rig.store.commit(press(1));
      rig.spoil('incidents', 'ruin', '{"id":"ru');
      rig.spoil('obeyed', 'li', 'rust');
      const told = new RecordingSink();
      expect(Object.keys((await reopen(told)).incidents)).toEqual([pressId(1)]);
      expect(told.facts).toMatchObject([
        { kind: 'record.unreadable', table: 'incidents', id: 'ruin', body: '{"id":"ru' },
        { kind: 'record.unreadable', table: 'obeyed', id: 'li', body: 'rust' },
      ]);
    });

    test('a later body replaces, null deletes', async () => {
      rig.store.commit(press(1));
      rig.store.commit(press(2));
      const again = { ...incident(pressId(2), 2), presses: 5 };
      rig.store.commit({
        ...nothing,
        entities: [
          { table: 'incidents', id: pressId(1), body: null },
          { table: 'incidents', id: pressId(2), body: again },
        ],
      });
      expect((await reopen()).incidents).toEqual({ [pressId(2)]: again });
    });

    test('pages tell unsettled rows of a lane in order, after a position, within a limit', async () => {
      const lanes: Lane[] = ['alarm', 'event', 'alarm', 'telemetry', 'alarm', 'event', 'alarm'];
      const enqueue = lanes.map((lane, i) => message(`m${i + 1}`, i + 1, lane));
      // One turn writes them out of order.
      rig.store.commit({ ...nothing, enqueue: enqueue.slice(3) });
      rig.store.commit({ ...nothing, enqueue: enqueue.slice(0, 3) });
      expect(await ids('alarm')).toEqual(['m1', 'm3', 'm5', 'm7']);
      expect(await ids('alarm', 1, 2)).toEqual(['m3', 'm5']);
      expect(await ids('event', 2)).toEqual(['m6']);
      expect(await ids('telemetry')).toEqual(['m4']);
      expect(await ids('telemetry', 4)).toEqual([]);
      expect(await ids('alarm', 0, 0)).toEqual([]);
    });

    test('settled rows are gone for good, an unknown id is nobody', async () => {
      for (const n of [1, 2, 3]) rig.store.commit(press(n));
      rig.store.commit({ ...nothing, settle: [pressId(1), pressId(3), 'nobody'] });
      expect(await ids('alarm')).toEqual([pressId(2)]);
      expect(rig.store.figures().outboxRows).toBe(1);
      await reopen();
      expect(await ids('alarm')).toEqual([pressId(2)]);
      expect(rig.store.figures().outboxRows).toBe(1);
    });

    test('the bytes of a message are sealed once', async () => {
      const { rows } = rig.store.commit(press(1));
      expect(await rig.store.page('alarm', 0, 10)).toEqual(rows);
      await reopen();
      expect(await rig.store.page('alarm', 0, 10)).toEqual(rows);
      expect(alarmMessage.parse(JSON.parse(rows[0]?.payload ?? '')).id).toBe(pressId(1));
    });

    test('an alarm carries the head of the chain, its own record included, signed', () => {
      const { rows } = rig.store.commit(press(1));
      const head = headOf(rows[0]?.payload ?? '');
      const { chainSeq, chainHash } = rig.store.figures();
      expect(head).toMatchObject({ seq: 1, hash: chainHash, keyId: rig.store.evidence.keyId });
      expect(chainSeq).toBe(1);
      const { publicKey } = rig.store.evidence;
      expect(verifyHead(head, terminal, publicKey)).toBe(true);
      expect(verifyHead(head, 'another-terminal', publicKey)).toBe(false);
      expect(verifyHead({ ...head, seq: 2 }, terminal, publicKey)).toBe(false);
    });

    test('the chain goes on over a restart and verifies with every head that went out', async () => {
      for (const n of [1, 2, 3]) rig.store.commit(press(n));
      const { chainHash } = rig.store.figures();
      await reopen();
      expect(rig.store.figures()).toMatchObject({ chainSeq: 3, chainHash });
      rig.store.commit(press(4));
      const { chainHash: hash } = rig.store.figures();
      expect(verifyChain(rig.audit(), await signed())).toEqual({ ok: true, seq: 4, hash });
    });

    test('any change of a record is found', async () => {
      for (const n of [1, 2, 3]) rig.store.commit(press(n));
      const rows = rig.audit();
      const with2 = (change: Partial<AuditRow>) =>
        rows.map((r) => (r.seq === 2 ? { ...r, ...change } : r));
      const other = 'f'.repeat(64);
      const body = rows[1]?.body ?? '';
      const changes: Partial<AuditRow>[] = [
        { seq: 5 },
        { kind: 'time.passed' },
        { wallMs: 1 },
        { monoMs: 1 },
        { bootId: 'boot-2' },
        { body: body.replace('desk', 'disk') },
        { bodyHash: other },
        { hash: other },
      ];
      for (const change of changes) {
        expect(verifyChain(with2(change)), Object.keys(change)[0]).toMatchObject({ ok: false });
      }
      for (let i = 0; i < body.length; i += 7) {
        const changed = `${body.slice(0, i)}${body[i] === '1' ? '2' : '1'}${body.slice(i + 1)}`;
        expect(verifyChain(with2({ body: changed })), `byte ${i}`).toMatchObject({
          ok: false,
          seq: 2,
        });
      }
      const without2 = rows.filter(({ seq }) => seq !== 2);
      expect(verifyChain(without2)).toMatchObject({ ok: false, problem: 'record 2 is missing' });
      // A stub proves as much as its record did.
      expect(verifyChain(with2({ body: null }), await signed())).toMatchObject({
        ok: true,
        seq: 3,
      });
      // A chain that was cut short does not hold the heads that went out.
      expect(verifyChain(rows.slice(0, 2), await signed())).toMatchObject({ ok: false, seq: 3 });
    });

    test('a turn with nothing to tell still goes to disk: the probe', () => {
      const before = rig.store.figures().transactions;
      expect(rig.store.commit(nothing).durable).toBe(true);
      expect(rig.store.figures().transactions).toBe(before + 1);
    });

    test('nothing is behind, and nobody is told of a recovery, while all goes well', async () => {
      for (const n of [1, 2, 3]) expect(rig.store.commit(press(n)).durable).toBe(true);
      rig.store.commit({
        ...nothing,
        audit: [{ at: moment(9), fact: { kind: 'storage.recovered' } }],
      });
      expect(rig.store.figures().behind).toBe(0);
      expect(sink.kinds()).toEqual([]);
    });
  });
}

// A case fetched from the desk, over a real broker: whatever the terminal and the line do meanwhile, the file
// that arrives is the one that was made, or there is none.

import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CommandRefused } from '#agent/web/client/commands.ts';
import { NoCaseFile } from '#agent/web/client/export.ts';
import { until } from '#test/support/wait.ts';
import { openRig, type Rig } from './rig.ts';
import type { Asked } from './terminal.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await openRig();
  rig.terminal.birth();
  await rig.known();
});
afterEach(() => rig.close());

const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, n) => n % 251));
const sha256 = createHash('sha256').update(bytes).digest('hex');
const asked = { incident: 'i-1', reason: 'court' };
const told = { kind: 'evidence.exported', export: 'e-1', incident: 'i-1', file: 'i-1-7.zip' };

function piece({ body }: Asked) {
  const from = Number(body.from);
  const data = bytes.subarray(from, from + 32_768).toString('base64');
  return { result: { file: body.file, from, total: bytes.length, data } };
}

/** Tells the end of the export before it answers. */
const makes = (end: object) => (one: Asked) => {
  if (one.verb !== 'evidence.export') return piece(one);
  rig.terminal.event({
    ...told,
    export: 'of another',
    ok: false,
    bytes: 0,
    sha256: '',
    detail: 'x',
  });
  rig.terminal.event({ ...told, ...end });
  return { result: { export: 'e-1', file: told.file } };
};
const well = { ok: true, bytes: bytes.length, sha256, detail: null };

it('arrives whole, with its name, though a piece was refused as busy', async () => {
  const { terminal, client } = rig;
  let refusals = 0;
  terminal.answers = (one) =>
    one.verb === 'evidence.get' && one.body.from === 32_768 && refusals++ === 0
      ? { refuse: 'busy' }
      : makes(well)(one);
  const seen: (number | null)[][] = [];
  const progress = (some: number, of: number | null) => void seen.push([some, of]);
  const file = await client.exportCase(terminal.id, asked, { progress });
  expect({ name: file.name, sha256: file.sha256 }).toEqual({ name: 'i-1-7.zip', sha256 });
  expect(Buffer.from(await file.blob.arrayBuffer()).equals(bytes)).toBe(true);
  expect(seen).toEqual([
    [0, null],
    [32_768, 70_000],
    [65_536, 70_000],
    [70_000, 70_000],
  ]);
  expect(terminal.of('evidence.export')[0]?.body).toMatchObject(asked);
});

it('is none where the terminal refuses, fails, or gives other bytes', async () => {
  const { terminal, client } = rig;
  terminal.answers = () => ({ refuse: 'unknown-incident' });
  await expect(client.exportCase(terminal.id, asked)).rejects.toThrow(CommandRefused);
  terminal.answers = makes({ ok: false, bytes: 0, sha256: '', detail: 'the disk is full' });
  await expect(client.exportCase(terminal.id, asked)).rejects.toThrow('the disk is full');
  terminal.answers = makes({ ...well, sha256: 'ab'.repeat(32) });
  await expect(client.exportCase(terminal.id, asked)).rejects.toThrow(NoCaseFile);
});

it('is given up when it is not wanted any more, before the answer and after', async () => {
  const { terminal, client, timers } = rig;
  terminal.answers = () => ({ result: { export: 'e-1', file: told.file } });
  for (const when of ['before', 'after'] as const) {
    const given = new AbortController();
    const { signal } = given;
    const file = client.exportCase(terminal.id, asked, { signal });
    const waits = () => timers().some((ms) => ms === 3_600_000);
    if (when === 'after') await until(waits, { withinMs: 10_000, what: 'the answer' });
    given.abort(new Error('closed'));
    await expect(file).rejects.toThrow('closed');
    expect(waits()).toBe(false);
  }
});

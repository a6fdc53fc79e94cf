// A real terminal that keeps clips: a press, SIGKILL in the middle of its clip, and what the platform gets of
// it; and a place for clips that takes nothing, of which the alarm knows nothing.

import { createHash } from 'node:crypto';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { EventMessage } from '#agent/contract.ts';
import { terminalId } from '#agent/sim/room.ts';
import { probe } from '#test/clip/pictures.ts';
import { lookInto } from './support/database.ts';
import { House } from './support/house.ts';

type Stored = Extract<EventMessage, { kind: 'evidence.stored' }>;

const small = { width: 320, height: 180, kbps: 200, gopSeconds: 1 } as const;
const clips = { capMb: 512, reserveMb: 512 };
let house: House | null = null;
afterEach(async () => {
  await house?.close();
  house = null;
});

const open = async (more: { readonly [field: string]: string } = {}): Promise<House> => {
  house = await House.open({
    buttons: 1,
    room: async () => ({
      dome: { video: { main: small, sub: small } },
      media: { sound: 'cards', clips: { ...clips, ...more } },
    }),
  });
  await house.start();
  return house;
};
const events = ({ room }: House): EventMessage[] =>
  room.platform.log.flatMap(({ what, message }) =>
    what === 'event' ? [message as EventMessage] : [],
  );
const stored = (of: House): Stored[] =>
  events(of).filter((event): event is Stored => event.kind === 'evidence.stored');

/** The whole file, a piece at a time. */
async function fetched({ room }: House, { file, bytes }: Stored): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let from = 0; from < bytes; ) {
    const asked = { file, from };
    const options = { withinMs: 20_000 };
    const answer = await room.platform.desk.command(terminalId, 'evidence.get', asked, options);
    expect(answer).toMatchObject({ ok: true, result: { total: bytes } });
    const piece = Buffer.from(String(answer.result?.data), 'base64');
    expect(piece.length).toBe(Math.min(32_768, bytes - from));
    pieces.push(piece);
    from += piece.length;
  }
  return Buffer.concat(pieces);
}

describe('a clip', () => {
  test('killed in its middle: the platform gets what was kept, and the chain has it', async () => {
    const terminal = await open();
    const { room, dataDir } = terminal;
    await terminal.until(
      'the dome’s picture',
      async () => !(await room.status())?.faults.some(({ fault }) => fault.startsWith('live.')),
    );
    room.box.press(1);
    const snapshots = () => stored(terminal).filter(({ what }) => what === 'snapshot');
    await terminal.until('two snapshots', () => snapshots().length >= 2, 60_000);
    // The terminal has just begun: there is no half minute from before.
    const missing = events(terminal).find(({ kind }) => kind === 'evidence.missing');
    expect(missing).toMatchObject({
      what: 'clip',
      detail: expect.stringContaining('of the 30 s before the press'),
    });

    const recorded = () =>
      readdirSync(join(dataDir, 'clips'))
        .filter((file) => file.endsWith('.mp4.part'))
        .map((file) => statSync(join(dataDir, 'clips', file)).size);
    await terminal.until('some groups', () => (recorded()[0] ?? 0) > 60_000, 60_000);

    await room.daemon.end('SIGKILL');
    const { audit } = lookInto(dataDir);
    const facts = audit.map(({ body }) => JSON.parse(body ?? '{}').fact);
    const fragments = facts
      .filter(({ kind }) => kind === 'evidence.written')
      .flatMap((fact) => fact.fragments as { sha256: string; bytes: number }[]);
    expect(fragments.length).toBeGreaterThan(0);

    await terminal.start();
    const clip = await terminal.until(
      'the clip',
      () => stored(terminal).find(({ mended }) => mended),
      60_000,
    );
    const [snapshot] = snapshots();
    for (const one of [clip, snapshot]) {
      if (!one) throw new Error('a snapshot was told');
      const bytes = await fetched(terminal, one);
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(one.sha256);
      writeFileSync(join(terminal.dir, one.file), bytes);
    }
    expect(probe(join(terminal.dir, clip.file)).complaints).toBe('');
    expect(clip.fragments).toBeGreaterThanOrEqual(fragments.length);
    expect(clip.incidents).toEqual([terminal.raised[0]?.incident]);
  });

  test('of which the disk takes nothing is one fault; the alarm does not notice', async () => {
    const terminal = await open({ dir: '/dev/null/clips' });
    const { room } = terminal;
    const faults = async () => (await room.status())?.faults ?? [];
    const isTold = async () => (await faults()).some(({ fault }) => fault === 'clip.disk');
    await terminal.until('the fault', isTold, 60_000);
    const pressedMs = performance.now();
    room.box.press(1);
    await terminal.until('the alarm', () => terminal.raised.length === 1);
    expect(performance.now() - pressedMs).toBeLessThan(2_000);
    await terminal.until('the strobe', () => room.dome.actuators.strobe);
    const told = (await faults()).filter(({ fault }) => fault.startsWith('clip.'));
    expect(told).toEqual([
      { fault: 'clip.disk', detail: expect.stringMatching(/^The disk of the clips fails: /) },
    ]);
  });
});

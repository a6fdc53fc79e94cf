// A case from the press to the auditor's desk: a real daemon, a real broker; pressed, taken, talked over,
// resolved, exported over MQTT and over the control socket, fetched in pieces, and checked by the command
// line from the file alone.

import { createHash } from 'node:crypto';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { EventMessage } from '#agent/contract.ts';
import { terminalId } from '#agent/sim/room.ts';
import { runToEnd } from './support/commands.ts';
import { lookInto } from './support/database.ts';
import { House, launcher } from './support/house.ts';

type Exported = Extract<EventMessage, { kind: 'evidence.exported' }>;

const small = { width: 320, height: 180, kbps: 200, gopSeconds: 1 } as const;
let house: House | null = null;
afterEach(async () => {
  await house?.close();
  house = null;
});

const events = ({ room }: House): EventMessage[] =>
  room.platform.log.flatMap(({ what, message }) =>
    what === 'event' ? [message as EventMessage] : [],
  );

type Args = { readonly [name: string]: unknown };

async function asked({ room }: House, verb: string, args: Args) {
  const answer = await room.platform.desk.command(terminalId, verb, args, { withinMs: 20_000 });
  expect(answer, JSON.stringify(answer)).toMatchObject({ ok: true });
  return answer.result ?? {};
}

async function fetched(of: House, { file, bytes }: Exported): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let from = 0; from < bytes; ) {
    const { data, total } = await asked(of, 'evidence.get', { file, from });
    expect(total).toBe(bytes);
    const piece = Buffer.from(String(data), 'base64');
    pieces.push(piece);
    from += piece.length;
  }
  return Buffer.concat(pieces);
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('a case', () => {
  test('is exported by the contract, and proved by the file alone', async () => {
    house = await House.open({
      buttons: 1,
      room: async () => ({
        dome: { video: { main: small, sub: small } },
        media: { sound: 'cards', clips: { capMb: 512, reserveMb: 512 } },
      }),
    });
    await house.start();
    const { room, dir, dataDir } = house;
    await house.until(
      'the dome’s picture',
      async () => !(await room.status())?.faults.some(({ fault }) => fault.startsWith('live.')),
      60_000,
    );
    room.box.press(1);
    const incident = await house.until('the alarm', () => house?.raised[0]?.incident, 30_000);
    await asked(house, 'seen', { incident });
    await asked(house, 'take', { incident });
    // Nobody is at the other end: that somebody wanted to talk is on record all the same.
    const talk = { session: 's-1', kind: 'talk', sdp: 'v=0', incident };
    await asked(house, 'session.offer', talk);
    await asked(house, 'session.bye', { session: 's-1' });
    const terminal = house;
    const stored = () => events(terminal).filter(({ kind }) => kind === 'evidence.stored');
    await house.until('two snapshots', () => stored().length >= 2, 60_000);
    const recorded = () =>
      readdirSync(join(dataDir, 'clips'))
        .filter((name) => name.endsWith('.mp4.part'))
        .some((name) => statSync(join(dataDir, 'clips', name)).size > 30_000);
    await house.until('some of the clip', recorded, 90_000);
    await asked(house, 'resolve', { incident, reason: 'handled', note: '民警已到场' });
    // The clip goes on for two minutes; a restart ends its file here and now.
    await room.daemon.end('SIGTERM');
    await house.start();
    const clip = () => stored().some((one) => 'what' in one && one.what === 'clip');
    await house.until('the clip', clip, 60_000);

    const reason = '检察院调取,案号 2026-1107';
    const begun = await asked(house, 'evidence.export', { incident, reason });
    const ended = () =>
      events(terminal).find((one): one is Exported => one.kind === 'evidence.exported');
    const exported = await house.until('the export', ended, 60_000);
    expect(exported).toMatchObject({ ok: true, detail: null, incident, ...begun });
    const bundle = await fetched(house, exported);
    expect(sha256(bundle)).toBe(exported.sha256);
    const file = join(dir, 'fetched.zip');
    writeFileSync(file, bundle);

    const local = join(dir, 'local.zip');
    const socket = ['--socket', room.socket];
    const why = ['--incident', incident, '--reason', '所长调阅', '--out', local];
    const copied = await runToEnd(launcher, ['export', ...socket, ...why]);
    expect(copied, copied.err).toMatchObject({ code: 0 });
    const none = await runToEnd(launcher, [
      'export',
      ...socket,
      ...why.with(1, 'nobody'),
      '--out',
      `${local}2`,
    ]);
    expect(none).toMatchObject({
      code: 64,
      err: expect.stringContaining('neither open nor a recent one'),
    });

    const state = room.platform.states.get(terminalId);
    await house.endDaemon();
    const key = state?.online ? state.evidenceKey.keyId : '';
    for (const [path, who] of [
      [file, `platform/platform: ${JSON.stringify(reason)}`],
      [local, 'local/'],
    ] as const) {
      const verdict = await runToEnd(launcher, ['verify', path, '--key', key]);
      expect(verdict, verdict.out + verdict.err).toMatchObject({ code: 0 });
      expect(verdict.out).toContain(who);
    }
    const begunRows = lookInto(dataDir).audit.flatMap(({ body }) => {
      const { fact } = JSON.parse(body ?? '{"fact":{}}');
      return fact.kind === 'export.begun' ? [[fact.role, fact.reason]] : [];
    });
    expect(begunRows).toEqual([
      ['platform', reason],
      ['local', '所长调阅'],
    ]);
  }, 240_000);
});

// A clip on its way to the platform by HTTPS: the live process is killed, then the daemon, and it goes on
// from where the server is; the second time because the platform asks again at the birth.

import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { EventMessage } from '#agent/contract.ts';
import { roomClips, terminalId } from '#agent/sim/room.ts';
import { databaseFile } from '#agent/store/store.ts';
import { gateAcl } from '#test/support/mosquitto.ts';
import { PutServer } from '#test/support/put-server.ts';
import { House } from './support/house.ts';
import { roomLogins } from './support/logins.ts';

const file = 'a-case-1.mp4';
const bytes = randomBytes(3_000_000);
const patientMs = 60_000;
const small = { width: 320, height: 180, kbps: 200, gopSeconds: 1 } as const;
let house: House | null = null;
let server: PutServer | null = null;
afterEach(async () => {
  await server?.close();
  await house?.close();
});

/** Of the daemon's live process; null between two lives. */
function livePid({ room: { daemon } }: House): number | null {
  const { pid } = daemon;
  if (pid === null) return null;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  const isLive = (child: string) =>
    child !== '' && readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('live.cjs');
  return Number(children.find(isLive) ?? 0) || null;
}

test('an upload survives SIGKILL of the live process and of the daemon, no piece sent twice', async () => {
  house = await House.open({
    buttons: 1,
    mosquitto: { tls: true, acl: gateAcl() },
    room: async (broker, dir) => ({
      ...(await roomLogins(broker, dir)),
      dome: { video: { main: small, sub: small } },
      media: { sound: 'cards', clips: roomClips },
    }),
  });
  const { room, dataDir, broker } = house;
  const terminal = house;
  if (!broker.certs) throw new Error('a broker with TLS');
  const there = await PutServer.open(broker.certs);
  server = there;
  mkdirSync(join(dataDir, 'clips'), { recursive: true });
  writeFileSync(join(dataDir, 'clips', file), bytes);
  await terminal.start();

  /** The server answers nothing once it has so many pieces. */
  let stallsAt = 3;
  there.trouble = () => there.pieces.length >= stallsAt;
  const ask = async () => {
    const args = { file, url: there.url };
    const answer = await room.platform.desk.command(terminalId, 'evidence.put', args);
    expect(answer).toMatchObject({ ok: true });
    return String(answer.result?.upload);
  };
  const had = (pieces: number) =>
    terminal.until(`${pieces} pieces`, () => there.pieces.length === pieces, patientMs);
  await ask();
  await had(3);

  const live = livePid(terminal);
  if (live === null) throw new Error('no live process');
  process.kill(live, 'SIGKILL');
  await terminal.until('another live process', () => ![null, live].includes(livePid(terminal)));
  stallsAt = 6;
  await had(6);

  await room.daemon.end('SIGKILL');
  stallsAt = Number.POSITIVE_INFINITY;
  await terminal.start();
  const upload = await ask();
  const sent = () =>
    room.platform.log.flatMap(({ message }) => {
      const event = message as EventMessage;
      return event.kind === 'evidence.sent' ? [event] : [];
    });
  await terminal.until('the end', () => sent().length > 0, patientMs);
  expect(sent()).toMatchObject([{ file, upload, ok: true, detail: null }]);
  expect(there.got.equals(bytes)).toBe(true);
  expect(new Set(there.pieces).size).toBe(there.pieces.length);
  expect(there.pieces).toHaveLength(Math.ceil(bytes.length / (256 * 1024)));
  // The address is a secret: it is on no disk and in no word of the daemon's.
  expect(JSON.stringify(terminal.room.daemon.lines)).not.toContain('/put/1');
  for (const name of [databaseFile, `${databaseFile}-wal`])
    expect(readFileSync(join(dataDir, name)).includes('/put/1'), name).toBe(false);
});

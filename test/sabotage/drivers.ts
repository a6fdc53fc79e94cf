// Wrong versions of store, line, dome, button box and rehearsal room.

import { storm, type Wrong, wrong } from './wrong.ts';

const actuator = 'agent/dome/actuator.ts';
const backlog = 'agent/uplink/backlog.ts';
const begin = 'agent/store/begin.ts';
const database = 'agent/store/database.ts';
const holdings = 'agent/store/holdings.ts';
const journal = 'agent/store/journal.ts';
const frame = 'agent/buttons/frame.ts';

export const wrongDrivers: readonly Wrong[] = [
  wrong(
    'synchronous=NORMAL',
    'test/store/database.test.ts',
    [database, "db.pragma('synchronous = FULL')", "db.pragma('synchronous = NORMAL')"],
    [database, "numberOf(db, 'synchronous'), 2", "numberOf(db, 'synchronous'), 1"],
  ),
  wrong(
    'a turn called stored before the disk has said so',
    ['test/store/hang.test.ts', 'test/store/worker.test.ts'],
    [
      'agent/store/store.ts',
      'return { durable, reason, rows',
      'return { durable: true, reason, rows',
    ],
  ),
  wrong('an alarm leaves while its commit is under way', 'test/uplink/prepare.test.ts', [
    'agent/uplink/connection.ts',
    'stream.cork();',
    'stream;',
  ]),
  wrong('a strobe that is asked for before the press is stored', 'test/dome/commit.test.ts', [
    'agent/dome/connection.ts',
    'process.nextTick(() => this.#socket.uncork());',
    'this.#socket.uncork();',
  ]),
  wrong('a rehearsal that is not taken back', 'test/contract/store.test.ts', [
    'agent/store/apply.ts',
    'throw undone;',
    '',
  ]),
  wrong('a worker that dies takes the turn with it', 'test/store/worker.test.ts', [
    'agent/store/writer.ts',
    '    this.#backlog.confirm(turn);',
    '    this.#backlog.confirm(Infinity);',
  ]),
  wrong('the outbox read backwards', 'test/contract/store.test.ts', [
    'agent/store/apply.ts',
    'and seq > ? order by seq',
    'and seq > ? order by seq desc',
  ]),
  wrong(
    'a head that does not hold its own press',
    ['test/contract/store.test.ts'],
    ['agent/store/seal.ts', 'this.#headAt(at)', 'this.#headAt(this.#at)'],
  ),
  wrong(
    'a body that was changed passes the verifier',
    ['test/contract/store.test.ts'],
    [
      'agent/store/chain.ts',
      "hash('sha256', row.body, 'hex') !== row.bodyHash",
      'row.bodyHash === ""',
    ],
  ),
  wrong('a second daemon let into the data directory', 'test/store/lock.test.ts', [
    'agent/store/worker.ts',
    'lock = lockDirectory(Sqlite, dirname(start.file));',
    'await Sqlite;',
  ]),
  wrong('another evidence key than before goes unseen', 'test/store/evidence-key.test.ts', [
    'agent/store/known-keys.ts',
    'return newest;',
    'return null;',
  ]),
  wrong('strobe not asserted again', 'test/contract/dome.test.ts', [
    actuator,
    'recipe.repeatEveryS * 1000);',
    'null);',
  ]),
  wrong('a dome that restarted in a second is lit and not turned', 'test/dome/restart.test.ts', [
    'agent/dome/line.ts',
    'if (error.forgotten) this.forgotten();',
    '',
  ]),
  wrong('a nonce that was used before proves a wrong password', 'test/dome/hostile.test.ts', [
    'agent/digest.ts',
    '!sent.fresh || now.stale',
    'false',
  ]),
  wrong('what its parts cannot do told beside a lost dome', 'test/dome/hostile.test.ts', [
    'agent/dome/troubles.ts',
    'this.#waiting.set(name, detail);',
    'this.#tell(name, detail);',
  ]),
  wrong('off not repeated', 'test/contract/dome.test.ts', [
    actuator,
    'verified ? undefined : times[this.#offSent]',
    'undefined',
  ]),
  wrong('off sent only to the recipe that is known to be on', 'test/dome/driver.test.ts', [
    actuator,
    "belief !== 'off' || this.#offSent > 0",
    "belief === 'on'",
  ]),
  wrong('CRC not checked', 'test/buttons/frame.test.ts', [
    frame,
    ' || Number.parseInt(claimed, 16) !== crc16(payload)',
    '',
  ]),
  wrong('a frame without an end grows', 'test/buttons/frame.test.ts', [
    frame,
    'else if (this.#held === frameBytesMax)',
    'else if (this.#held === 2 * frameBytesMax)',
  ]),
  wrong('unsorted alarms', 'test/uplink/backlog.test.ts', [
    'agent/uplink/lane.ts',
    '.sort((a, b) => a.row.seq - b.row.seq)',
    '',
  ]),
  wrong('nothing sent again at a reconnect', 'test/uplink/backlog.test.ts', [
    backlog,
    "|| held.state === 'flying');",
    '&& false);',
  ]),
  wrong('a refused PUBACK taken for a yes', 'test/uplink/link.test.ts', [
    'agent/uplink/sender.ts',
    'reasonCode >= 128',
    'reasonCode >= 256',
  ]),
  wrong('a command acknowledged before its turn is done', 'test/uplink/link.test.ts', [
    'agent/uplink/uplink.ts',
    'return this.#sink.emit(read.fact, done);',
    '{\n      done();\n      return this.#sink.emit(read.fact);\n    }',
  ]),
  wrong('the answer goes to whatever topic the sender names', 'test/contract/uplink.test.ts', [
    'agent/uplink/inbound.ts',
    '  topic === undefined ||',
    '  topic !== "" ||',
  ]),
  wrong(
    "receipt before the platform's commit (sim)",
    'test/uplink/platform.test.ts',
    ['agent/sim/platform.ts', '    await this.#ledger?.flush();\n    if', '    if'],
    [
      'agent/sim/platform.ts',
      'for (const [terminal, ids] of due) this.#tell(terminal, [...ids]);',
      'for (const [terminal, ids] of due) this.#tell(terminal, [...ids]);\n    await this.#ledger?.flush();',
    ],
  ),
  wrong(
    'the alarm journal not asked',
    [storm],
    [begin, 'const isLossy = behind > 0 || opened', 'const isLossy = opened'],
    [begin, 'const better = behind > 0 || bad', 'const better = bad'],
  ),
  wrong('the alarm journal flushed a minute later', 'test/store/journal.test.ts', [
    journal,
    'this.#flushIn(durable ? soonMs : 0)',
    'this.#flushIn(60 * lazyMs)',
  ]),
  wrong('the alarm journal not flushed', 'test/store/hang.test.ts', [
    journal,
    'await file.datasync();',
    '',
  ]),
  wrong('an alarm waits behind a flush of the journal that hangs', 'test/store/hang.test.ts', [
    journal,
    'if (this.#writing) return this.#overtake();',
    'if (this.#writing) return;',
  ]),
  wrong('a torn journal believed', 'test/store/journal.test.ts', [
    journal,
    'if (sumOf(bytes) !== half.readUInt32BE(16)) return [];',
    '',
  ]),
  wrong(
    'the alarm journal keeps only what the database lacks',
    [storm],
    [holdings, "if (row.lane === 'alarm' && room)", "if (row.lane === 'alarm' && this.#behind)"],
  ),
  wrong("a dispatcher's word on the light not journalled", 'test/store/journal.test.ts', [
    holdings,
    'if (incident || lit ||',
    'if (incident ||',
  ]),
  wrong(
    'the journal forgets how far boxes have counted',
    [storm],
    [holdings, "new Set(['site', 'inputs'])", "new Set(['site'])"],
  ),
  wrong(
    'a closed case leaves the journal before it may',
    ['test/store/journal.test.ts'],
    [holdings, '    if (this.#behind) return;\n', ''],
  ),
  wrong('alarms of the journal wait for the database', 'test/store/behind.test.ts', [
    'agent/store/store.ts',
    'if (!durable) this.#owed.take(replay.outbox);',
    '',
  ]),
];

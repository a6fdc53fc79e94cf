// What a terminal finds on its disk when it starts. The alarm that was open and unsent when the power
// failed is told, whatever became of the database; so is the next press.

import { rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import Sqlite from 'better-sqlite3';
import { checkpoint, pagesOf, tear } from '#test/support/pages.ts';
import type { Fault } from './fault.ts';
import type { Scene } from './scene.ts';

const afterEpochS = 30;
const versionTwoAhead = 3;

/** Killed with an alarm that nobody has heard of; then the file is ruined, and it starts again. */
const ruined =
  (ruin: (file: string) => void) =>
  async (scene: Scene): Promise<void> => {
    await scene.start();
    await scene.house.broker.down();
    await scene.press();
    // Some 10 ms after *stored*; a database that is ruined before that is the end of an unsent alarm.
    await scene.journalled(1);
    await scene.kill();
    ruin(scene.databaseFile);
    await scene.house.broker.up();
    scene.mended();
    await scene.start();
    await scene.press();
  };

function withDatabase(file: string, act: (db: Sqlite.Database) => void): void {
  const db = new Sqlite(file, { fileMustExist: true });
  act(db);
  db.close();
}

/** The page that holds the alarms. */
function tearAlarms(file: string): void {
  checkpoint(file);
  tear(file, pagesOf(file, 'outbox').at(-1) ?? 0);
}

/** The page that holds the incidents. */
function tearIncidents(file: string): void {
  checkpoint(file);
  tear(file, pagesOf(file, 'entity').at(-1) ?? 0);
}

export const ruinFaults: readonly Fault[] = [
  {
    name: 'disk/torn-outbox',
    what: 'the page with the unsent alarm is torn',
    expect: { tells: ['storage.database'], lamp: ['stored', 'received'] },
    story: ruined(tearAlarms),
  },
  {
    name: 'disk/torn-incidents',
    what: 'the page with the open incident is torn',
    expect: { tells: ['storage.database'], lamp: ['stored', 'received'] },
    story: ruined(tearIncidents),
  },
  {
    name: 'disk/empty',
    what: 'the database has 0 bytes',
    expect: { tells: ['storage.database'], lamp: ['stored', 'received'] },
    story: ruined((file) => writeFileSync(file, '')),
  },
  {
    name: 'disk/foreign',
    what: 'a file of something else is in the place of the database',
    expect: { tells: ['storage.database'], lamp: ['stored', 'received'] },
    story: ruined((file) => writeFileSync(file, 'x'.repeat(100_000))),
  },
  {
    name: 'disk/newer',
    what: 'the database is of two versions later',
    expect: { tells: ['storage.database'], lamp: ['unstored', 'received'] },
    story: ruined((file) =>
      withDatabase(file, (db) => db.pragma(`user_version = ${versionTwoAhead}`)),
    ),
  },
  {
    name: 'disk/no-wal',
    what: 'the -wal is missing',
    expect: { tells: ['storage.behind'], lamp: ['stored', 'received'] },
    story: ruined((file) => {
      rmSync(`${file}-wal`);
      rmSync(`${file}-shm`);
    }),
  },
  {
    name: 'disk/no-directory',
    what: 'the data directory was deleted after the alarm had arrived',
    expect: { lamp: ['received'] },
    story: async (scene) => {
      await scene.start();
      await scene.press();
      await scene.settled();
      await scene.kill();
      await rm(scene.dataDir, { recursive: true });
      await scene.start();
      await scene.press();
    },
  },
  {
    name: 'disk/1970',
    what: 'first start in 1970; in mid-alarm the clock is set to today',
    preload: ['clock'],
    expect: { alarmWithinMs: 2_000, lamp: ['stored', 'received'] },
    story: async (scene) => {
      scene.setClock(afterEpochS - Math.floor(Date.now() / 1000));
      await scene.start();
      await scene.press();
      await scene.arrived();
      const early = scene.house.raised.every(
        ({ wallMs, clock }) => wallMs < 1e8 && clock !== 'good',
      );
      scene.house.check('the alarm says 1970, by a clock that is not good', early);
      scene.setClock(0);
      await scene.press();
    },
  },
];

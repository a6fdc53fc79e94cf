// How the suites run. `fast` is what scripts/check runs; `real` takes every file that no other project names,
// so that a new directory cannot be left out; pictures and whole rooms go a few at a time; `media` (sound
// in real time) and `e2e` (measures time) have the machine to themselves, a file at a time.
// test/long has a configuration of its own.
// Forks, never threads: epoll crashes when one process loads it twice.

import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { SkipReporter } from './skip-reporter.ts';

const root = join(import.meta.dirname, '..');
const fast = [
  ...['core', 'scenario', 'console'].map((dir) => `test/${dir}/**/*.test.ts`),
  'test/tidy.test.ts',
];
const pictures = [
  ...['test/live/**/*.test.ts', 'test/dome/sim-{rtsp,rtsp-faults}.test.ts'],
  'test/dome/track/wire.test.ts',
];
const media = [
  ...['test/sound', 'test/media/talk'].map((dir) => `${dir}/**/*.test.ts`),
  ...['test/contract/sound.test.ts', 'test/dome/sim-talk.test.ts'],
];
const rooms = [
  'test/e2e/{backlog,clip,clip-domes,commands,console,console-many,demo,dome}.test.ts',
  'test/e2e/{drill,export,faults,field,hand,process,replace,second,upload}.test.ts',
  'test/e2e/{page,page-devices,page-stick,page-turn}.test.ts',
  'test/panel/page*.test.ts',
];
const e2e = ['test/e2e/**/*.test.ts', 'test/uplink/flood.test.ts'];
const common = { root, pool: 'forks' as const };
const globalSetup = ['test/global-setup.ts'];

export default defineConfig({
  root,
  cacheDir: '.cache/vite',
  test: {
    reporters: ['default', new SkipReporter()],
    allowOnly: false,
    projects: [
      {
        test: {
          ...common,
          name: 'fast',
          include: fast,
          testTimeout: 20_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...common,
          name: 'real',
          // They wait for sockets and disks more than they compute.
          maxWorkers: 8,
          include: ['test/**/*.test.ts'],
          exclude: [...fast, ...pictures, ...media, ...rooms, ...e2e, 'test/long/**'],
          globalSetup,
          testTimeout: 20_000,
          hookTimeout: 20_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          ...common,
          name: 'pictures',
          maxWorkers: 3,
          include: pictures,
          globalSetup,
          testTimeout: 60_000,
          hookTimeout: 30_000,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          ...common,
          name: 'media',
          // Sound in real time: it waits more than it computes.
          maxWorkers: 2,
          include: media,
          globalSetup,
          testTimeout: 60_000,
          hookTimeout: 30_000,
          sequence: { groupOrder: 4 },
        },
      },
      {
        test: {
          ...common,
          name: 'rooms',
          maxWorkers: 2,
          include: rooms,
          globalSetup: [...globalSetup, 'test/pages-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 5 },
        },
      },
      {
        test: {
          ...common,
          name: 'e2e',
          include: e2e,
          exclude: rooms,
          globalSetup,
          testTimeout: 120_000,
          hookTimeout: 30_000,
          fileParallelism: false,
          sequence: { groupOrder: 6 },
        },
      },
    ],
  },
});

// The thread that makes one bundle and ends. Its loop is its own: nobody waits for it but who asked for it.

import { mkdirSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { knownKeys } from '../store/known-keys.ts';
import type { Records } from '../store/protocol.ts';
import { type Desk, makeBundle } from './bundle.ts';
import { NoBundle } from './room.ts';
import type { Ask, Said, Start, Told } from './wire.ts';

const start: Start = workerData;
const port = parentPort;
if (!port) throw new Error('a thread of the exporter');

const say = (said: Said): void => port.postMessage(said);

function ask<T extends Records | string | null>(question: Ask): Promise<T> {
  return new Promise((done, failed) => {
    port?.once('message', (told: Told) => {
      if ('error' in told) failed(new NoBundle(told.error));
      else done(told.value as T);
    });
    say(question);
  });
}

const desk: Desk = {
  page: (before) => ask({ t: 'page', before }),
  sign: (text) => ask({ t: 'sign', text }),
  leave: async () => {
    await ask({ t: 'leave' });
  },
};

const full = new Set(['ENOSPC', 'EDQUOT']);

function sentenceOf(error: unknown): string | null {
  if (error instanceof NoBundle) return error.message;
  if (!(error instanceof Error && 'code' in error && 'syscall' in error)) return null;
  return full.has(String(error.code)) ? 'the disk is full' : `the disk fails: ${error.message}`;
}

const earlier = () => knownKeys(start.dataDir).filter(({ keyId }) => keyId !== start.key.keyId);

async function make() {
  mkdirSync(start.dir, { recursive: true, mode: 0o700 });
  return makeBundle({ ...start, earlier: earlier() }, desk);
}

make().then(
  (made) => {
    say({ t: 'made', ...made });
    port.close();
  },
  (error: unknown) => {
    const detail = sentenceOf(error);
    // A bug: told by the thread's end.
    if (detail === null) throw error;
    say({ t: 'none', detail });
    port.close();
  },
);

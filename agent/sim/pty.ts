// The cable of a button box: a pair of pseudo terminals held together by socat. Killing socat is
// what pulling a USB adapter is to the terminal: the device goes, and an open port closes.

import { type ChildProcess, spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

const readyWithinMs = 5000;
const readyMark = 'starting data transfer loop';

export interface PtyPair {
  /** What the terminal's configuration names. */
  readonly agentPath: string;
  /** The box's end. */
  readonly boxPath: string;
  readonly pid: number;
  /** Pulls the cable: both devices and their links go. Safe to call twice. */
  kill(): Promise<void>;
}

/** Lays a cable between `<dir>/box-agent` and `<dir>/box-hand`. Rejects where socat is missing or
 * does not come up within 5 s. */
export async function openPtyPair(dir: string, name = 'box'): Promise<PtyPair> {
  const agentPath = join(dir, `${name}-agent`);
  const boxPath = join(dir, `${name}-hand`);
  const ends = [agentPath, boxPath].map((link) => `pty,raw,echo=0,link=${link}`);
  const child = spawn('socat', ['-d', '-d', ...ends], { stdio: ['ignore', 'ignore', 'pipe'] });
  const endChild = () => child.kill('SIGKILL');
  process.once('exit', endChild);
  const exited = new Promise<void>((done) => {
    child.once('exit', () => done());
    child.once('error', () => done());
  });
  const kill = async () => {
    process.off('exit', endChild);
    endChild();
    await exited;
    await Promise.all([agentPath, boxPath].map((path) => rm(path, { force: true })));
  };
  try {
    await untilReady(child);
  } catch (cause) {
    await kill();
    throw new Error('socat gave no pair of pseudo terminals; is it installed?', { cause });
  }
  return { agentPath, boxPath, pid: child.pid ?? 0, kill };
}

function untilReady(child: ChildProcess): Promise<void> {
  return new Promise((done, fail) => {
    const late = setTimeout(() => fail(new Error('socat was not ready in time')), readyWithinMs);
    const settle = (act: () => void) => {
      clearTimeout(late);
      act();
    };
    let said = '';
    child.stderr?.on('data', (chunk) => {
      if (said.includes(readyMark)) return;
      said += String(chunk);
      if (said.includes(readyMark)) settle(done);
    });
    child.once('error', (error) => settle(() => fail(error)));
    child.once('exit', (code) =>
      settle(() => fail(new Error(`socat ended with ${code}: ${said}`))),
    );
  });
}

// The support bundle: what somebody far away needs to understand a terminal, as a zip. The daemon has left
// out its secrets and every silent case before it says anything; what comes from here has never known any.

import { release } from 'node:os';
import type { Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import { ControlFailed } from '../control.ts';
import { logPiece } from '../local/words.ts';
import type { Log } from '../log.ts';
import type { Daemon } from './daemon.ts';
import { networkNow } from './network.ts';

/** Pages of a log: it keeps half a megabyte. */
const pagesMax = 32;

export interface SupportParts {
  readonly daemon: Daemon;
  readonly log: Pick<Log, 'recent'>;
  readonly version: string;
  readonly wallMs: number;
}

/** The whole of it, as it is made. What cannot be had is told in its place. */
export async function supportBundle(parts: SupportParts): Promise<Readable> {
  const { daemon, log, version, wallMs } = parts;
  await daemon.look();
  const zip = new ZipFile();
  const mtime = new Date(wallMs);
  const add = (name: string, text: string) =>
    zip.addBuffer(Buffer.from(text), `gate-agent-support/${name}`, { mtime });
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  add('status.json', json({ answers: daemon.answers, view: daemon.view }));
  add('config.json', json(await orWhy(() => daemon.ask('local.config'))));
  add('network.json', json(networkNow()));
  add('versions.json', json({ panel: version, ...process.versions, kernel: release() }));
  const lines = await orWhy(() => daemonLog(daemon));
  add('daemon.log', Array.isArray(lines) ? `${lines.join('\n')}\n` : json(lines));
  add('panel.log', `${ownLog(log).join('\n')}\n`);
  zip.end();
  return zip.outputStream as Readable;
}

async function orWhy(get: () => Promise<unknown>): Promise<unknown> {
  try {
    return await get();
  } catch (error) {
    if (error instanceof ControlFailed) return { missing: error.message };
    throw error;
  }
}

async function daemonLog(daemon: Daemon): Promise<readonly string[]> {
  const all: string[] = [];
  let from: number | null = 0;
  for (let n = 0; n < pagesMax && from !== null; n += 1) {
    const page: { lines: string[]; next: number | null } = logPiece.parse(
      await daemon.ask('local.log', { from }),
    );
    all.push(...page.lines);
    from = page.next;
  }
  return all;
}

function ownLog(log: SupportParts['log']): readonly string[] {
  return log.recent(0, Number.MAX_SAFE_INTEGER).lines;
}

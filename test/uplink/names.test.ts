// A broker by name, and the DNS server goes: told with what to check, a link that is up stays up, and when
// names can be looked up again the terminal comes back by itself. In a process of its own, since the
// look-up is the C library's.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { Mosquitto } from '#test/support/mosquitto.ts';
import { namesShim } from '#test/support/names-shim.ts';
import { until, within } from '#test/support/wait.ts';
import { atEnd } from './rig.ts';

/** The 30 s to the fault are six. */
const haste = '5';

async function uplinkTo(url: string, env: NodeJS.ProcessEnv) {
  const told: string[] = [];
  const args = [`${import.meta.dirname}/child.ts`, url, '1', haste];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  createInterface({ input: child.stdout }).on('line', (line) => told.push(line));
  atEnd(async () => {
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await within(exit, { withinMs: 5_000, what: 'the end of the child' });
  });
  /** The next that was told of this kind; what was told before it is behind us. */
  const next = (what: string) =>
    until(
      () => {
        const at = told.findIndex((line) => line.includes(what));
        return at < 0 ? null : told.splice(0, at + 1).at(-1);
      },
      { withinMs: 15_000, what: `${what} among ${told.join(' ')}` },
    );
  return { next, told };
}

it('no name can be looked up: told, and over when names are back', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'gate-names-'));
  atEnd(() => rm(dir, { recursive: true, force: true }));
  const shim = namesShim(dir);
  const broker = await Mosquitto.start();
  atEnd(() => broker.remove());
  await writeFile(shim.NAMES_GONE, '');
  const { next, told } = await uplinkTo(`mqtt://broker.city.test:${broker.port}`, shim);
  const why = 'the name cannot be resolved (DNS server silent); check the network (EAI_AGAIN)';
  expect(await next('uplink.down')).toContain(why);
  await rm(shim.NAMES_GONE);
  expect(await next('uplink.online')).toContain('broker.city.test');
  await next('fault.cleared');

  // A link that is up needs no name; one that is lost does.
  await writeFile(shim.NAMES_GONE, '');
  expect(told.filter((line) => line.includes('uplink.offline'))).toEqual([]);
  await broker.down('SIGKILL');
  await next('uplink.offline');
  await broker.up();
  await next('uplink.down');
  await rm(shim.NAMES_GONE);
  await next('uplink.online');
}, 60_000);

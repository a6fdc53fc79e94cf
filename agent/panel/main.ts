// The panel's process: a web page for guard and installer, which speaks to the daemon over control.sock and
// to nothing else of it. It may hang, crash or be killed: no alarm waits for it.

import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pkg from '../../package.json' with { type: 'json' };
import { createLog, type Log } from '../log.ts';
import { Refusal } from '../refusal.ts';
import { systemClock } from '../system/clock.ts';
import { namedCertificate, ownCertificate, type Served } from './certificate.ts';
import { defaultFile, loadPanelConfig, type PanelConfig } from './config.ts';
import { pageFiles } from './files.ts';
import { PanelServer } from './server.ts';

/** Behind whatever the daemon does. */
const nice = 10;
/** As sysexits.h. */
const exitConfig = 78;

/** Its page lies beside the bundle, or where the sources build it. */
const pageDir = fileURLToPath(new URL('panel', import.meta.url));

async function run(): Promise<number> {
  const { values } = parseArgs({
    options: { config: { type: 'string' }, page: { type: 'string' } },
  });
  const log = createLog({ level: 'info' });
  const clock = systemClock();
  try {
    setPriority(nice);
    const config = loadPanelConfig(values.config ?? defaultFile);
    const certificate = certificateOf(config, clock.now().wallMs);
    const { listen, names, pinFile, socket, metrics } = config;
    const page = pageFiles(values.page ?? pageDir);
    const served = { listen, names, pinFile, socket, certificate, page, metrics };
    const server = new PanelServer({ ...served, version: pkg.version, clock, log });
    const port = await server.open();
    tell(log, port, certificate);
    await stopSignal();
    await server.close();
    return 0;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    for (const { field, hint } of error.fields) log.error({ field, hint }, 'wrong configuration');
    return exitConfig;
  } finally {
    log.close();
  }
}

const certificateOf = ({ tls, stateDir }: PanelConfig, wallMs: number): Served =>
  tls ? namedCertificate(tls) : ownCertificate(stateDir, wallMs);

function tell(log: Log, port: number, { fingerprint, selfSigned, untilWallMs }: Served): void {
  const until = new Date(untilWallMs).toISOString();
  log.info({ port, fingerprint, selfSigned, until }, 'the panel is served');
}

const stopSignal = (): Promise<NodeJS.Signals> =>
  new Promise((stop) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop(signal));
  });

run().then((code) => process.exit(code));

// Wires all parts; the only file that knows them all. Nothing imports it.

import { fileURLToPath } from 'node:url';
import pkg from '../package.json' with { type: 'json' };
import { lifecycleVerbs } from './backup/control.ts';
import { ButtonBox } from './buttons/box.ts';
import { loadSerial } from './buttons/link.ts';
import { ModbusLine } from './buttons/modbus.ts';
import { ModemContacts } from './buttons/modem.ts';
import { main, type RunRequest } from './cli.ts';
import { startHeld } from './config/held.ts';
import { type Config, notesOn, Secret, type Start, type Surroundings, setupOf } from './config.ts';
import { wireOf } from './contract.ts';
import { ControlServer } from './control.ts';
import { parseProfile } from './dome/profile.ts';
import { openXml } from './dome/xml.ts';
import { exportVerbs } from './evidence/control.ts';
import { drillVerbs } from './evidence/drill-control.ts';
import { drillsOf, exporterOf } from './evidence/wired.ts';
import { Proving } from './install/proving.ts';
import { loadMaster } from './keys/master.ts';
import { certificatesOf, lineOf } from './keys/wired.ts';
import { LampDriver } from './lamp/lamp.ts';
import { localVerbs } from './local/verbs.ts';
import { createLog, type Log } from './log.ts';
import { handoverVerbs } from './records/handover.ts';
import { Reload } from './reload.ts';
import { reportOf, reportVerbs } from './report.ts';
import { Service } from './service.ts';
import { isMidCase } from './store/open-cases.ts';
import { SqliteStore } from './store/store.ts';
import { systemClock, systemIds } from './system/clock.ts';
import { MachineHealth } from './system/health/health.ts';
import { LastTime } from './system/last-time.ts';
import { clockSynchronised } from './system/synchronised.ts';
import { Teach } from './teach/teach.ts';
import { noUses } from './teach/uses.ts';
import { Terminal } from './terminal.ts';
import { updateVerbs } from './update/control.ts';
import { updaterOf } from './update/wired.ts';
import { loadMqtt } from './uplink/client.ts';
import { MqttUplink } from './uplink/uplink.ts';
import { watchOf } from './watch.ts';
import { brokerOf, domeOf, gpioOf, loginOf, mediaOf, rangeOf, secretsOf } from './wiring.ts';

/** SIGTERM finishes what is in hand within this; then the process ends itself. */
const stopWithinMs = 4_500;
/** The log writes its last line meanwhile. */
const lastLineMs = 50;

const lastTime = new LastTime();
/** A clock behind a time that has been is not good, whatever the time service says. */
const clock = systemClock((wallMs) => clockSynchronised() && wallMs >= lastTime.wallMs);
const self = { version: pkg.version, clock };
const proving = new Proving(clock);

function build(config: Config, log: Log, around: Surroundings) {
  const { id: terminal } = config.terminal;
  const { identity } = config;
  const setup = { ...setupOf(config, pkg.version), renewDays: config.broker.renewDays };
  lastTime.open(config.data.dir, (error) => log.warn({ error }, 'the last time is not kept'));
  const store = new SqliteStore({
    dir: config.data.dir,
    sealedKeyFile: config.data.evidenceKeyFile,
    pageCapMb: config.data.capMb,
    terminal,
    clock,
    wire: (message, head) => JSON.stringify(wireOf(message, terminal, identity, head)),
  });
  const boxes = config.boxes.map((box) => {
    const inputs = Object.entries(box.inputs).map(([n, { id }]) => [n, id] as const);
    return new ButtonBox({ ...box, inputs: Object.fromEntries(inputs), clock });
  });
  const gpio = config.gpio ? gpioOf(config.gpio, config.debounceMs, clock) : null;
  const onBoxes = boxes.filter((_, n) => config.boxes[n]?.indicator);
  const modbus = config.modbus.map((one) => new ModbusLine({ ...one, clock }));
  const onModules = modbus.flatMap((line) => line.indicators);
  const indicators = [...onBoxes, ...onModules, ...(gpio?.indicator ? [gpio.indicator] : [])];
  const lamp = new LampDriver({ indicators, clock });
  const dome = config.dome ? domeOf(config.dome, clock, proving.levers.isDomeAway) : null;
  const certificates = certificatesOf(config, {
    ...{ clock, ids: systemIds, relogin: (why) => uplink.relogin(why) },
    hide: (key) => log.hide([new Secret(key)]),
  });
  const uplink: MqttUplink = new MqttUplink({
    terminal,
    identity,
    // Known once the store is open, which is before anything is published.
    evidence: {
      alg: 'ed25519',
      get keyId() {
        return store.evidence.keyId;
      },
      get publicKey() {
        return store.evidence.publicKey;
      },
    },
    ...lineOf(certificates, config.broker, brokerOf),
    receipts: config.platform.receipts,
    clock,
    knownTime: lastTime,
    ids: systemIds,
    health: () => ({
      uptimeS: Math.round(process.uptime()),
      rssMb: Math.round(process.memoryUsage.rss() / 2 ** 20),
      outboxRows: store.figures().outboxRows,
      transactions: store.figures().transactions,
      faults: Object.keys(terminalLoop.state.live.faults),
      machine: machine.figures(),
    }),
  });
  const watch = proving.watch(watchOf(log));
  const modems = config.modems.map((one) => new ModemContacts({ ...one, clock }));
  const onPorts = [...boxes, ...modems, ...modbus];
  const inputs = [...onPorts, ...(gpio ? [gpio] : [])];
  const strobe = gpio?.strobe ?? null;
  const master = loadMaster(config.data.dir, config.data.masterKeyFile);
  const masterKey = master.text;
  if (masterKey !== null) log.hide([new Secret(masterKey)]);
  const outside = { env: around.childEnv, log, clock, masterKey };
  const media = config.media ? mediaOf(config, config.media, outside) : null;
  const exporter = exporterOf({ config, setup, store, clock, masterKey });
  const patrol = proving.open({
    ...{ config, setup, clock, ids: systemIds, store, line: uplink.route, dome, strobe, lamp },
    ...{ range: () => rangeOf(config), login: config.dome && loginOf(config.dome) },
    ...{ loop: media?.loop ?? null, terminal: () => terminalLoop },
  });
  const updates = updaterOf({ config, around, version: pkg.version, clock });
  const machine = new MachineHealth({ dir: config.data.dir, limits: config.health, clock });
  const drivers = {
    ...{ inputs, lamp, dome, strobe, uplink, media, exporter },
    ...{ machine, patrol, updates, certificates },
  };
  const parts = { setup, clock, ids: systemIds, store, ...drivers, watch };
  const terminalLoop = new Terminal(parts);
  const uses = { lines: () => gpio?.figures().lines ?? [], ports: onPorts };
  const drills = drillsOf({ config, setup, store });
  return {
    config,
    terminal: terminalLoop,
    store,
    uplink,
    gpio,
    exporter,
    drills,
    machine,
    updates,
    uses,
    master,
  };
}

/** Runs until a signal asks it to end. Resolves with the exit code. */
async function run({ file, around, stateDir, socket }: RunRequest): Promise<number> {
  const request = { file, stateDir, parseProfile, around };
  const { start, isHeld } = startHeld(request, isMidCase);
  const log = createLog({ level: start.armed ? start.config.log.level : 'info' });
  if (start.armed) log.hide(secretsOf(start.config));
  const stopped = stopSignal();
  const ports = start.armed ? build(start.config, log, around) : null;
  let isArmed = false;
  const report = () => reportOf(self, start.armed ? start.config : null, isArmed ? ports : null);
  const service = new Service({ ...around.service, clock, ports, report });
  const desk = ports && { ...ports, ids: systemIds };
  const driver = (start.armed && start.config.gpio?.driver) || 'auto';
  const teach = new Teach({ clock, driver, uses: ports?.uses ?? noUses });
  const control = new ControlServer({
    path: start.armed ? start.config.control.socket : socket,
    verbs: {
      ...{ ...reportVerbs(report), 'teach.look': (args) => teach.look(args) },
      ...exportVerbs(desk),
      ...localVerbs({ ...self, log, desk }),
      ...lifecycleVerbs(ports),
      ...proving.verbs(() => process.kill(process.pid, 'SIGTERM')),
      ...updateVerbs(self, ports && { ...ports, isArmed: () => isArmed }),
      ...drillVerbs(ports?.drills ?? null),
      ...handoverVerbs(ports && { ...ports, recorder: proving.recorder }),
    },
    clock,
    failed: (error) => {
      const detail = `the control socket failed: ${error.message}. Restart the daemon`;
      log.error({ error }, 'control socket');
      ports?.terminal.emit({ kind: 'fault.raised', fault: 'control.failed', detail });
    },
  });
  const reload = new Reload({
    ...{ request, clock, isSupervised: around.service.socket !== null },
    ...{ terminal: ports?.terminal ?? null, end: () => process.kill(process.pid, 'SIGTERM') },
    say: (text) => log.warn({ file }, text),
  });
  process.on('SIGHUP', reload.asked);
  // First of all: a second daemon must be refused before it touches database, line or broker.
  await control.open();
  service.open();
  if (ports && start.armed) await arm(ports, start, log);
  isArmed = ports !== null;
  if (!ports) log.warn({ file }, 'no configuration: unarmed, only the control socket is served');
  service.ready();
  if (isHeld) reload.held();
  const signal = await stopped;
  log.info({ signal }, 'stopping');
  // What hangs in the kernel would hold the process for good; the rows are safe, so end it.
  const cancel = clock.after(stopWithinMs, () => process.kill(process.pid, 'SIGKILL'));
  reload.close();
  service.stopping();
  await control.close();
  await ports?.terminal.close(signal);
  await teach.close();
  await service.close();
  log.info('stopped');
  // process.exit would wait for a write that hangs in the kernel, and so would the log's own flush;
  // what the write holds is not stored, and nobody was told that it is.
  if (ports?.store.stuck) {
    await new Promise<void>((written) => clock.after(lastLineMs, written));
    process.kill(process.pid, 'SIGKILL');
  }
  cancel();
  log.close();
  return 0;
}

/** What is missing is told by the driver that needs it, when it is opened. */
const loadLibraries = ({ boxes, dome }: Config) =>
  Promise.allSettled([loadMqtt(), boxes.length > 0 && loadSerial(), dome && openXml()]);

type Built = ReturnType<typeof build>;

async function arm(ports: Built, start: Start & { armed: true }, log: Log): Promise<void> {
  // The store's thread and the drivers' libraries load side by side.
  ports.store.start();
  await loadLibraries(start.config);
  await ports.terminal.open();
  const copyFault = start.keepAsGood();
  const { problem } = ports.master;
  const unsealed = problem === null ? [] : [{ fault: 'evidence.unsealed', detail: problem }];
  for (const fault of [...start.faults, ...(copyFault ? [copyFault] : []), ...unsealed])
    ports.terminal.emit({ kind: 'fault.raised', ...fault });
  const armedMs = Math.round(process.uptime() * 1000);
  log.info({ terminal: start.config.terminal.id, armedMs }, 'armed');
  for (const { field, note } of notesOn(start.config)) log.warn({ field }, note);
}

const stopSignal = (): Promise<NodeJS.Signals> =>
  new Promise((stop) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop(signal));
  });

/** Beside the bundle, or where the sources have them. */
const domes = ['domes', '../config/domes'].map((place) =>
  fileURLToPath(new URL(place, import.meta.url)),
);

main(process.argv.slice(2), { run, version: pkg.version, parseProfile, domes }).then((code) => {
  process.exit(code);
});

// What `gate-agent status` and the panel are told through the control socket.

import type { Config } from './config.ts';
import { wordOf } from './core/delivery.ts';
import { openIncidents } from './core/incident.ts';
import type { Live, State } from './core/state.ts';
import { windowTold } from './core/windows.ts';
import type { Gpio } from './gpio/gpio.ts';
import { metricsText } from './metrics.ts';
import type { Clock, Machine, Store } from './ports.ts';
import type { StatusReport } from './status.ts';
import type { Terminal } from './terminal.ts';
import type { Updater } from './update/updater.ts';

export interface Ports {
  readonly terminal: Terminal;
  readonly store: Store;
  readonly uplink: { figures(): { readonly broker: string } };
  readonly gpio: Gpio | null;
  readonly machine: Machine;
  readonly updates: Pick<Updater, 'fetching' | 'last'>;
}

export interface Self {
  readonly version: string;
  readonly clock: Clock;
}

const unarmed = {
  terminal: null,
  armed: false,
  online: false,
  broker: null,
  boxes: [],
  incidents: [],
  faults: [],
  store: null,
  lamp: null,
  window: null,
  dome: null,
};

/** `ports` is null while the terminal is unarmed: no configuration, control socket alone. */
export function reportOf(self: Self, config: Config | null, ports: Ports | null): StatusReport {
  const { version, clock } = self;
  const head = { version, wallMs: clock.now().wallMs, uptimeS: Math.round(process.uptime()) };
  if (!config || !ports) return { ...head, ...unarmed };
  const { durable, live } = ports.terminal.state;
  const { dome, lamp } = ports.terminal.wanted;
  const { strobe, siren, preset } = dome;
  return {
    ...head,
    terminal: config.terminal.id,
    armed: true,
    online: live.online,
    broker: ports.uplink.figures().broker,
    boxes: idsOf(config.boxes),
    modems: idsOf(config.modems),
    modbus: idsOf(config.modbus),
    ...(ports.gpio && { gpio: gpioOf(ports.gpio) }),
    ...(config.media && { sessions: sessionsOf(live) }),
    incidents: openIncidents(durable).map((incident) => ({
      id: incident.id,
      input: incident.input,
      kind: incident.kind,
      step: wordOf(incident, live),
      presses: incident.presses,
      mark: incident.mark ?? null,
      raisedWallMs: incident.raised.wallMs,
    })),
    faults: Object.values(live.faults).map(({ fault, detail, since }) => ({
      fault,
      detail,
      sinceWallMs: since.wallMs,
    })),
    store: ports.store.figures(),
    lamp,
    window: windowTold(live, clock.now()),
    ...updateOf(ports.updates),
    dome: config.dome ? { strobe, siren, preset } : null,
    ...patrolOf(ports.terminal.state),
    machine: ports.machine.figures(),
  };
}

/** Verbs of control.sock: as a report, and as Prometheus reads it. */
export const reportVerbs = (report: () => StatusReport) => ({
  status: report,
  metrics: () => ({ text: metricsText(report()) }),
});

const patrolOf = ({ durable, live }: State): Pick<StatusReport, 'patrol'> => {
  const { patrol } = durable.site.site ?? {};
  if (!patrol || !live.setup.patrol) return {};
  const { last, due } = patrol;
  const parts = last?.parts.map(({ part, ok, detail }) => ({ part, ok, detail })) ?? [];
  return {
    patrol: {
      ...{ dueWallMs: due.wallMs, running: live.patrol.running !== null },
      last: last && { wallMs: last.at.wallMs, parts },
    },
  };
};

const idsOf = (all: readonly { readonly id: string }[]): string[] => all.map(({ id }) => id);

const sessionsOf = ({ sessions, floor }: Live): StatusReport['sessions'] =>
  Object.values(sessions).map(({ id, kind, role, user, connectedMs }) => ({
    ...{ id, kind, role, user, connected: connectedMs !== null, speaks: id === floor.holder },
  }));

const updateOf = ({ fetching, last }: Ports['updates']): Pick<StatusReport, 'update'> =>
  fetching || last ? { update: { fetching, last } } : {};

const gpioOf = (gpio: Gpio): StatusReport['gpio'] => {
  const { driver, lines } = gpio.figures();
  return { driver, lines: lines.map(({ place: _, ...line }) => line) };
};

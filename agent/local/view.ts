// The terminal as whoever stands before the panel may see it. Silent cases are left out here, with all that
// would betray one: their callers, who only listen, and a silent button that is down.

import type { Config } from '../config.ts';
import { wordOf } from '../core/delivery.ts';
import { callersOf } from '../core/floor.ts';
import { inputNameOf, isSilent, openIncidents } from '../core/incident.ts';
import { isMuted } from '../core/local.ts';
import type { Incident, Live, State } from '../core/state.ts';
import type { LampWord } from '../core/target.ts';
import { endWallMs, windowNow, windowShown } from '../core/windows.ts';
import type { Clock, Store } from '../ports.ts';
import type { Terminal } from '../terminal.ts';
import { type ArmedView, type LocalView, localLimits } from './words.ts';

export interface Viewed {
  readonly config: Pick<Config, 'terminal' | 'identity' | 'dome'>;
  readonly terminal: Pick<Terminal, 'state' | 'wanted'>;
  readonly store: Pick<Store, 'figures'>;
  readonly uplink: { figures(): { readonly broker: string } };
  readonly gpio: { readonly strobe: unknown } | null;
}

export interface Self {
  readonly version: string;
  readonly clock: Clock;
}

/** Null: it is not armed. */
export function localViewOf({ version, clock }: Self, viewed: Viewed | null): LocalView {
  const now = clock.now();
  return {
    ...{ nowWallMs: now.wallMs, clock: now.clock, version },
    uptimeS: Math.round(process.uptime()),
    rssMb: Math.round(process.memoryUsage.rss() / 2 ** 20),
    armed: viewed && armedOf(viewed, now),
  };
}

type Instant = ReturnType<Clock['now']>;

function armedOf({ config, terminal, store, uplink, gpio }: Viewed, now: Instant): ArmedView {
  const { state, wanted } = terminal;
  const { live } = state;
  const { word } = wanted.lamp;
  const { strobe, siren } = wanted.dome;
  const open = openIncidents(state.durable).filter((one) => !isSilent(one));
  const shown = windowShown(live, now);
  const { outboxRows, chainSeq } = store.figures();
  return {
    terminal: config.terminal.id,
    school: config.identity.school,
    gate: config.identity.gate,
    online: live.online,
    broker: uplink.figures().broker,
    lamp: {
      word,
      sinceWallMs: sinceOf(open, live, word),
      mark: wanted.lamp.mark,
    },
    muted: isMuted(state),
    mayClaim: open.some(({ falseAlarm }) => !falseAlarm),
    lights: config.dome || gpio?.strobe ? { strobe, siren } : null,
    faults: faultsOf(live).slice(0, localLimits.faults),
    callers: callersOf(live)
      .filter(({ mode }) => mode === 'talk')
      .slice(0, localLimits.callers)
      .map(({ role, user, session, since }) => ({
        ...{ role, user, speaks: session === live.floor.holder, sinceWallMs: since.wallMs },
      })),
    alarms: alarmsOf(state).slice(0, localLimits.alarms),
    window: shown && {
      ...{ mark: shown.mark, role: shown.role, user: shown.user },
      ...{ sinceWallMs: shown.since.wallMs, untilWallMs: endWallMs(shown) },
    },
    inputs: inputsOf(live, now),
    ...{ outboxRows, records: chainSeq },
  };
}

const isQuiet = ({ setup }: Live, input: string): boolean => {
  const role = setup.inputs[input];
  return role?.role === 'button' && role.kind === 'silent';
};

/** That a silent button is stuck says that it is pressed. */
const faultsOf = (live: Live): ArmedView['faults'] =>
  Object.values(live.faults)
    .filter(({ fault }) => {
      const [, input = ''] = /^input\.(.+)\.stuck$/.exec(fault) ?? [];
      return !isQuiet(live, input);
    })
    .map(({ fault, detail, since }) => ({ fault, detail, sinceWallMs: since.wallMs }));

/** Open ones first, the newest of each first. */
function alarmsOf({ durable, live }: State): ArmedView['alarms'] {
  return Object.values(durable.incidents)
    .filter((incident) => !isSilent(incident))
    .sort(
      (a, b) =>
        Number(Boolean(a.resolved)) - Number(Boolean(b.resolved)) ||
        b.raised.wallMs - a.raised.wallMs,
    )
    .map((incident) => ({
      ...{ id: incident.id, kind: incident.kind, presses: incident.presses },
      inputName: inputNameOf(incident, live),
      step: wordOf(incident, live),
      mark: incident.mark ?? null,
      raisedWallMs: incident.raised.wallMs,
      resolvedWallMs: incident.resolved?.at.wallMs ?? null,
      falseAlarm: incident.falseAlarm !== null,
    }));
}

/** Since when the lamp says its word: of the case that says it longest. */
function sinceOf(open: readonly Incident[], live: Live, word: LampWord): number | null {
  const times = open
    .filter((incident) => wordOf(incident, live) === word)
    .map(({ raised, sent, received, seen, taken, undelivered }) => {
      const at = { sent, received, seen: seen?.at, taken: taken?.at, undelivered };
      return (word in at ? at[word as keyof typeof at] : null)?.wallMs ?? raised.wallMs;
    });
  return times.length === 0 ? null : Math.min(...times);
}

function inputsOf(live: Live, now: Instant): ArmedView['inputs'] {
  const inService = windowNow(live, now)?.mark === 'service';
  return Object.entries(live.setup.inputs).map(([id, setup]) => {
    const seen = live.inputs[id];
    const hides = isQuiet(live, id) && !inService;
    const contact = hides && seen?.contact === 'pressed' ? 'normal' : (seen?.contact ?? null);
    // When it changed last would say it, too.
    const sinceMs = hides ? null : (seen?.sinceMonoMs ?? null);
    return {
      ...{ id, name: setup.name, role: setup.role },
      kind: setup.role === 'button' ? setup.kind : null,
      contact,
      sinceWallMs: sinceMs === null ? null : Math.round(now.wallMs - (now.monoMs - sinceMs)),
    };
  });
}

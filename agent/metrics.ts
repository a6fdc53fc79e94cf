// The terminal's figures as Prometheus reads them (text format 0.0.4), made of the status report alone.
// Whoever scrapes may be anybody in the school's network, so a silent alarm leaves no trace in it.

import type { MachineFigures } from './core/machine.ts';
import type { StatusReport } from './status.ts';

type Labels = { readonly [label: string]: string };
interface Sample {
  readonly labels?: Labels;
  readonly value: number;
}

class Text {
  #text = '';

  /** A metric with its samples; one without any is left out. */
  add(name: string, help: string, samples: readonly Sample[], type = 'gauge'): void {
    if (samples.length === 0) return;
    this.#text += `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
    for (const { labels = {}, value } of samples) {
      const all = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
      this.#text += `${name}${all.length > 0 ? `{${all.join(',')}}` : ''} ${value}\n`;
    }
  }

  toString(): string {
    return this.#text;
  }
}

const escaped = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

const one = (value: number | boolean): Sample[] => [{ value: Number(value) }];
const known = (value: number | null | undefined, factor = 1): Sample[] =>
  value === null || value === undefined ? [] : [{ value: value * factor }];

/** What `GET /metrics` answers. */
export function metricsText(report: StatusReport): string {
  const text = new Text();
  const { version, terminal, armed, online, uptimeS, store, lamp, window } = report;
  text.add('gate_info', 'Which terminal this is.', [
    { labels: { terminal: terminal ?? '', version }, value: 1 },
  ]);
  text.add('gate_armed', 'It has a configuration and is at work.', one(armed));
  text.add('gate_online', 'There is a link to the platform.', one(online));
  text.add('gate_uptime_seconds', 'Since the program started.', one(uptimeS));
  const cases = report.incidents.filter(({ kind }) => kind !== 'silent');
  text.add('gate_incidents_open', 'Open cases, but for silent ones.', one(cases.length));
  text.add(
    'gate_incidents_undelivered',
    'Open cases whose alarm nobody has confirmed within 10 s, but for silent ones.',
    one(cases.filter(({ step }) => step === 'undelivered').length),
  );
  text.add('gate_faults', 'Faults that last.', one(report.faults.length));
  text.add(
    'gate_fault',
    'A fault that lasts, by its name.',
    report.faults.map(({ fault }) => ({ labels: { fault }, value: 1 })),
  );
  if (lamp)
    text.add('gate_lamp', 'The word of the lamp.', [{ labels: { word: lamp.word }, value: 1 }]);
  text.add('gate_window', 'Presses are marked now, as what.', [
    ...(window ? [{ labels: { mark: window.mark }, value: 1 }] : []),
  ]);
  const sessions = report.sessions ?? [];
  const ofKind = (kind: string) => sessions.filter((session) => session.kind === kind).length;
  text.add('gate_sessions', 'Calls and viewers.', [
    { labels: { kind: 'talk' }, value: ofKind('talk') },
    { labels: { kind: 'live' }, value: ofKind('live') },
  ]);
  if (store) {
    text.add('gate_outbox_rows', 'Messages without a receipt.', one(store.outboxRows));
    text.add('gate_commits_total', 'Commits since the start.', one(store.transactions), 'counter');
    text.add('gate_records', 'Records in the hash chain.', one(store.chainSeq));
    text.add('gate_turns_behind', 'Turns that wait for the disk.', one(store.behind));
  }
  if (report.machine) addMachine(text, report.machine);
  return text.toString();
}

const mib = 2 ** 20;
const gib = 2 ** 30;

function addMachine(text: Text, machine: MachineFigures): void {
  const { memoryFreeMb, memoryTotalMb, diskFreeMb, diskTotalMb } = machine;
  text.add('gate_machine_uptime_seconds', 'Since the machine started.', known(machine.uptimeS));
  text.add('gate_memory_free_bytes', 'That programs may still have.', known(memoryFreeMb, mib));
  text.add('gate_memory_bytes', 'Of the machine.', known(memoryTotalMb, mib));
  text.add('gate_disk_free_bytes', 'On the disk of the records.', known(diskFreeMb, mib));
  text.add('gate_disk_bytes', 'Size of that disk.', known(diskTotalMb, mib));
  const { diskWearPercent, diskWrittenGb, diskErrors, temperatureC } = machine;
  text.add('gate_disk_wear_ratio', 'Of the life of its flash.', known(diskWearPercent, 0.01));
  text.add('gate_disk_written_bytes', 'Since it was formatted.', known(diskWrittenGb, gib));
  text.add('gate_disk_errors', 'That its file system has found.', known(diskErrors));
  text.add('gate_temperature_celsius', 'The hottest sensor.', known(temperatureC));
  const { timeSource, timeOffsetMs } = machine;
  if (timeSource)
    text.add('gate_time_source', 'What keeps the clock.', [
      { labels: { source: timeSource }, value: 1 },
    ]);
  text.add('gate_time_offset_seconds', 'By what keeps the clock.', known(timeOffsetMs, 0.001));
}

// Figures for Prometheus: a text it can read, nothing of a silent alarm, and every metric that the dashboard
// asks for.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { unknownMachine } from '#agent/core/machine.ts';
import { metricsText } from '#agent/metrics.ts';
import type { StatusReport } from '#agent/status.ts';

const incident = {
  ...({ input: 'desk', step: 'undelivered', presses: 1, mark: null, raisedWallMs: 1 } as const),
};
const report: StatusReport = {
  ...{ version: '0.1.0', uptimeS: 60, terminal: 'hz-1', armed: true, online: true, broker: 'x' },
  sessions: [
    { id: 's', kind: 'talk', role: '110-city', user: 'wang', connected: true, speaks: true },
  ],
  incidents: [
    { ...incident, id: 'a', kind: 'emergency' },
    { ...incident, id: 'b', kind: 'silent' },
  ],
  faults: [{ fault: 'dome.lost', detail: 'why "so"\n', sinceWallMs: 1 }],
  store: { outboxRows: 2, transactions: 9, chainSeq: 40, chainHash: 'f'.repeat(64), behind: 0 },
  lamp: { word: 'undelivered', silent: 'sent', fault: true, linkDown: false, mark: null },
  window: { mark: 'drill', untilWallMs: 1, role: 'school', user: 'li' },
  dome: null,
  machine: {
    ...{
      uptimeS: 600,
      memoryFreeMb: 900,
      memoryTotalMb: 2000,
      diskFreeMb: 5000,
      diskTotalMb: 9000,
    },
    ...{ diskWearPercent: 30, diskWrittenGb: 12, diskErrors: 0, temperatureC: 51 },
    ...{ timeSource: 'chrony', timeOffsetMs: -0.5 },
  },
};

const line =
  /^(?:# (?:HELP|TYPE) [a-z_]+ .+|([a-z_]+)(?:\{([a-z]+="(?:[^"\\\n]|\\[\\"n])*",?)+\})? -?[\d.e+-]+)$/;
const namesIn = (text: string) =>
  new Set(text.split('\n').flatMap((one) => line.exec(one)?.[1] ?? []));

it('is what Prometheus reads: a type and a help for each metric, once', () => {
  const text = metricsText(report);
  const lines = text.trimEnd().split('\n');
  expect(lines.filter((one) => !line.test(one))).toEqual([]);
  for (const what of ['HELP', 'TYPE']) {
    const told = lines
      .filter((one) => one.startsWith(`# ${what} `))
      .map((one) => one.split(' ')[2]);
    expect(new Set(told).size).toBe(told.length);
    expect(new Set(told)).toEqual(namesIn(text));
  }
  expect(lines).toContain('gate_fault{fault="dome.lost"} 1');
  expect(lines).toContain('gate_disk_free_bytes 5242880000');
  expect(lines).toContain('gate_time_offset_seconds -0.0005');
});

it('says nothing of a silent alarm, and nothing of what is not known', () => {
  const silent = report.incidents.filter(({ kind }) => kind === 'silent');
  const without = metricsText({ ...report, incidents: [] });
  expect(metricsText({ ...report, incidents: silent })).toBe(without);
  expect(metricsText(report)).toContain('gate_incidents_open 1\n');
  const names = namesIn(metricsText({ ...report, machine: unknownMachine }));
  expect([...names].filter((name) => /disk|memory|temp|gate_time/.test(name))).toEqual([]);
});

it('the dashboard asks for metrics that there are', () => {
  const file = join(import.meta.dirname, '../../config/grafana/gate-agent.json');
  const dashboard = z
    .object({
      panels: z.array(
        z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })).min(1) }),
      ),
    })
    .parse(JSON.parse(readFileSync(file, 'utf8')));
  const there = namesIn(metricsText(report));
  const asked = dashboard.panels.flatMap(({ targets }) =>
    targets.flatMap(({ expr }) => expr.match(/\bgate_[a-z_]+/g) ?? []),
  );
  expect(asked.filter((name) => !there.has(name))).toEqual([]);
  // And those that nobody looks at are known by name.
  const seen = new Set(asked);
  expect([...there].filter((name) => !seen.has(name))).toEqual(['gate_lamp']);
});

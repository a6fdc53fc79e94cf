// The exporter as the configuration has it: bundles lie beside the clips, or where clips would.

import { join } from 'node:path';
import type { Setup } from '../core/setup.ts';
import type { Clock } from '../ports.ts';
import type { DrillDesk } from './drill-control.ts';
import { type Archive, BundleExporter } from './exporter.ts';
import type { ReportTerminal } from './report-model.ts';

/** Where no clips are kept there are reports and records alone. */
const alone = { capMb: 256, reserveMb: 64 } as const;

interface Configured {
  readonly terminal: { readonly id: string };
  readonly identity: Omit<ReportTerminal, 'id' | 'version'>;
  readonly data: { readonly dir: string };
  readonly media: {
    readonly clips: {
      readonly dir: string | null;
      readonly capMb: number;
      readonly reserveMb: number;
    } | null;
  } | null;
}

interface Parts {
  readonly config: Configured;
  readonly setup: Setup;
  readonly store: Archive;
  readonly clock: Clock;
  /** Base64; null: what is kept lies open. */
  readonly masterKey: string | null;
}

export function exporterOf({ config, setup, store, clock, masterKey }: Parts): BundleExporter {
  const { data, media } = config;
  const { capMb, reserveMb } = media?.clips ?? alone;
  return new BundleExporter({
    ...{ clock, archive: store, dataDir: data.dir, capMb, reserveMb, inputs: setup.inputs },
    dir: media?.clips?.dir ?? join(data.dir, 'clips'),
    ...(masterKey === null ? {} : { masterKey }),
    terminal: terminalOf(config, setup),
  });
}

/** What reports of drills are made of. */
export const drillsOf = ({
  config,
  setup,
  store,
}: Omit<Parts, 'clock' | 'masterKey'>): DrillDesk => ({
  ...{ archive: store, terminal: terminalOf(config, setup) },
});

function terminalOf({ identity, terminal }: Configured, { version }: Setup): ReportTerminal {
  const { divisionCode, jurisdiction, school, gate, address, position, gateRoomPhone } = identity;
  return {
    ...{ id: terminal.id, version, divisionCode, jurisdiction, school, gate },
    ...{ address, position, gateRoomPhone },
  };
}

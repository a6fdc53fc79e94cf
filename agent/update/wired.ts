// The agent's side of updates as the configuration has it.

import type { Clock } from '../ports.ts';
import { debianArch, runningVersion, updatePlaces } from './places.ts';
import { Updater } from './updater.ts';

interface Configured {
  readonly data: { readonly dir: string };
  readonly broker: { readonly tls: { readonly ca: string | null } | null };
  readonly media: { readonly ownNetwork: 'refuse' | 'allow' } | null;
}

export function updaterOf({
  config: { data, broker, media },
  around: { configFile, stateDir },
  version,
  clock,
}: {
  readonly config: Configured;
  readonly around: { readonly configFile: string; readonly stateDir: string | null };
  readonly version: string;
  readonly clock: Clock;
}): Updater {
  return new Updater({
    ...{ clock, arch: debianArch, version: runningVersion(version) },
    ...updatePlaces(configFile, stateDir ?? data.dir),
    ca: broker.tls?.ca ?? null,
    ownNetwork: media?.ownNetwork ?? 'refuse',
  });
}

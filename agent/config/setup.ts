// What core needs of the configuration, and every input with its place.

import { rights } from '../contract.ts';
import type { DomeRules } from '../core/dome.ts';
import { defaultMediaRules, type MediaRules } from '../core/session.ts';
import type { InputRole, Setup } from '../core/setup.ts';
import { drillRulesOf } from './drills.ts';
import type { Config } from './load.ts';
import { patrolRules } from './patrol.ts';

/** Every input with the place where it is wired, in the order of the file. */
export function wiredInputs(config: Config) {
  const on = <I>(place: string, inputs: { readonly [key: string]: I | undefined }) =>
    Object.entries(inputs).flatMap(([key, input]) =>
      input ? [{ place: `${place} ${key}`, input }] : [],
    );
  return [
    ...config.boxes.flatMap(({ id, inputs }) => on(id, inputs)),
    ...config.modems.flatMap(({ id, inputs }) => on(id, inputs)),
    ...config.modbus.flatMap(({ id, modules }) =>
      modules.flatMap(({ unit, inputs }) => on(`${id} module ${unit}`, inputs)),
    ),
    ...(config.dome?.inputs ?? []).map((input) => ({ place: 'dome', input })),
    ...(config.gpio?.inputs ?? []).map((input) => {
      const { line, chip, offset } = input;
      const where =
        line === null ? `${chip} line ${offset}` : [chip, line].filter(Boolean).join(' ');
      return { place: `gpio ${where}`, input };
    }),
  ];
}

function rulesOf(media: Config['media']): MediaRules {
  if (!media) return defaultMediaRules;
  const { viewers: viewersMax, callers: talkersMax, idleCalls, listeners, talkMinutes } = media;
  return { viewersMax, talkersMax, idleCalls, listeners, talkMsMax: talkMinutes * 60_000 };
}

const domeRulesOf = ({ trackingMinutes, dayNight }: NonNullable<Config['dome']>): DomeRules => ({
  ...{ trackingMs: trackingMinutes * 60_000, dayNight },
});

/** What core needs of the configuration. */
export function setupOf(config: Config, version: string): Setup {
  const inputs = wiredInputs(config).map(({ input }) => input);
  const patrol = patrolRules(config.patrol);
  return {
    terminal: config.terminal.id,
    version,
    inputs: Object.fromEntries(
      inputs.map(({ id, name, role, kind }): [string, InputRole & { readonly name: string }] => [
        id,
        // The relations saw to it that a button has a kind.
        role === 'button' ? { role, kind: kind ?? 'emergency', name } : { role, name },
      ]),
    ),
    receipts: config.platform.receipts,
    debounceMs: config.debounceMs,
    rights,
    media: rulesOf(config.media),
    ...(config.dome && { dome: domeRulesOf(config.dome) }),
    evidence: Boolean(config.media?.clips && config.dome),
    ...(patrol && { patrol }),
    ...drillRulesOf(config.drills),
  };
}

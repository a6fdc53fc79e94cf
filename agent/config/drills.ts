// The `drills` group: what a drill is judged by, and how often a button is to be tried.

import { type DrillTargets, defaultTargets, type drillSteps } from '../core/drill.ts';
import type { Setup } from '../core/setup.ts';
import { group, whole } from './words.ts';

const seconds = (step: (typeof drillSteps)[number]) => {
  const ms = defaultTargets[step];
  return whole('seconds', 1, 3_600)
    .nullable()
    .default(ms === null ? null : ms / 1000);
};

export const drills = group({
  targets: group({
    ...{ sent: seconds('sent'), received: seconds('received'), seen: seconds('seen') },
    ...{ taken: seconds('taken'), talked: seconds('talked'), resolved: seconds('resolved') },
  }).prefault({}),
  buttonTestDays: whole('days', 1, 366).nullable().default(92),
});

interface Drills {
  readonly targets: { readonly [S in keyof DrillTargets]: number | null };
  readonly buttonTestDays: number | null;
}

/** What core needs of it. */
export function drillRulesOf({
  targets,
  buttonTestDays,
}: Drills): Pick<Setup, 'drillTargets' | 'buttonTestDays'> {
  const ms = (step: keyof DrillTargets) => {
    const s = targets[step];
    return s === null ? null : s * 1000;
  };
  const drillTargets = {
    ...{ sent: ms('sent'), received: ms('received'), seen: ms('seen') },
    ...{ taken: ms('taken'), talked: ms('talked'), resolved: ms('resolved') },
  };
  return { drillTargets, buttonTestDays };
}

// From when on something is wrong with the PC itself. Defaults and where they come from stand in
// config/gate-agent.example.yaml.

import { group, whole } from './words.ts';

export const health = group({
  diskFreeMb: whole('megabytes', 64, 1_000_000).default(256),
  wearPercent: whole('percent', 10, 110).default(80),
  hotC: whole('degrees Celsius', 40, 120).default(85),
  memoryFreeMb: whole('megabytes', 16, 100_000).default(64),
  clockMinutes: whole('minutes', 5, 10_080).default(240),
});

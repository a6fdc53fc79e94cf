// Tracking by the agent over twenty seeded walks, 1.5 m/s and some 15 m away, every other one with a second
// person and a car, every third behind a tree: how long he is within 15 % of the picture's middle. In virtual
// time: tracker, motors and analytics as they are, SOAP and RTSP by their delays (test/dome/track/field.ts;
// over the wire in test/dome/track/wire.test.ts). Draws track.svg.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Field, walked } from '#test/dome/track/field.ts';
import { type Figures, median, rounded } from './stats.ts';
import { plotOf } from './track-plot.ts';

const walks = 20;
/** Of the distance from the middle to the edge, across and down. */
const part = 0.15;
/** From the alarm to the first figure: the dome is looked at until it stands, and turns to him. */
const fromS = 3;

async function walkedAll(inView: boolean): Promise<readonly Field[]> {
  const fields: Field[] = [];
  for (let seed = 1; seed <= walks; seed += 1) fields.push(await walked(seed, { inView }));
  return fields;
}

const ratios = (fields: readonly Field[], within: number): number[] =>
  fields.map((field) => field.within(within, fromS));
const mean = (values: readonly number[]): number =>
  rounded(values.reduce((sum, value) => sum + value, 0) / values.length);

export async function measureTrack(): Promise<Figures> {
  const byView = await walkedAll(true);
  const bySpeed = await walkedAll(false);
  const shares = ratios(byView, part);
  const nth = (share: number) => shares.indexOf(share);
  const plotted = [Math.max(...shares), median(shares), Math.min(...shares)].map((share) => {
    const [field, seed] = [byView[nth(share)], nth(share) + 1];
    return { title: `walk ${seed}: ${Math.round(share * 100)} %`, moments: field?.moments ?? [] };
  });
  writeFileSync(join(import.meta.dirname, 'track.svg'), plotOf(plotted, part));
  return {
    tracking_walks: walks,
    tracking_within_15pct_ratio: mean(shares),
    tracking_within_15pct_worst_walk_ratio: rounded(Math.min(...shares)),
    tracking_within_30pct_ratio: mean(ratios(byView, 2 * part)),
    tracking_by_speed_within_15pct_ratio: mean(ratios(bySpeed, part)),
    tracking_by_speed_within_15pct_worst_walk_ratio: rounded(Math.min(...ratios(bySpeed, part))),
    tracking_by_speed_within_30pct_ratio: mean(ratios(bySpeed, 2 * part)),
  };
}

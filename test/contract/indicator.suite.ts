// What every indicator keeps to: it shows the newest, and the same again is no change.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Indicator } from '#agent/ports.ts';
import { until } from '#test/buttons/support.ts';

export interface IndicatorRig {
  readonly indicator: Indicator;
  /** What lamp and buzzer did, oldest first; a buzzer of null went on as it was. */
  history(): readonly { readonly lamp: string; readonly buzzer: string | null }[];
  close(): Promise<void>;
}

const ready = { lamp: 'G3900.-100', buzzer: '0x' };
const stored = { lamp: 'Y250.-1500', buzzer: '1xT100' };

export function indicatorSuite(name: string, make: () => Promise<IndicatorRig>): void {
  describe(`indicator: ${name}`, () => {
    let rig: IndicatorRig;
    beforeEach(async () => {
      rig = await make();
    });
    afterEach(() => rig.close());
    const shows = (lamp: string) => until(() => rig.history().at(-1)?.lamp === lamp, lamp);

    test('shows what it is told', async () => {
      rig.indicator.show(ready);
      await shows(ready.lamp);
      rig.indicator.show(stored);
      await shows(stored.lamp);
      expect(rig.history().at(-1)?.buzzer).toBe('1xT100');
    });

    test('the same again is no change', async () => {
      rig.indicator.show(stored);
      await shows(stored.lamp);
      const changes = rig.history().length;
      rig.indicator.show({ ...stored });
      rig.indicator.show(ready);
      await shows(ready.lamp);
      expect(rig.history().length).toBe(changes + 1);
    });

    test('of many in one turn the last one stays', async () => {
      for (let ms = 100; ms <= 1000; ms += 100)
        rig.indicator.show({ lamp: `R${ms}.-100`, buzzer: '0x' });
      await shows('R1000.-100');
    });
  });
}

// Percentiles and rounding.

/** Nearest rank; NaN of nothing. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => percentile(values, 50);

export const rounded = (value: number, digits = 3): number => Number(value.toFixed(digits));

/** A text tells why there is no figure. */
export type Figures = { readonly [key: string]: number | string };

/** `{name}_p50_ms` and `{name}_p99_ms`. */
export const bothOf = (name: string, valuesMs: readonly number[]): Figures =>
  Object.fromEntries(
    [50, 99].map((percent) => [`${name}_p${percent}_ms`, rounded(percentile(valuesMs, percent))]),
  );

/** The same with their ratios to what was measured beside it. */
export const besides = (
  name: string,
  here: readonly number[],
  other: readonly number[],
): Figures => ({
  ...bothOf(name, here),
  ...Object.fromEntries(
    [50, 99].map((percent) => [
      `${name}_p${percent}_ratio`,
      rounded(percentile(here, percent) / percentile(other, percent), 2),
    ]),
  ),
});

/** p50 and p99 of a path and its floor, and their ratios: `{path}_p50_ms`, `floor_{floor}_p50_ms`. */
export function compared(
  path: string,
  floor: string,
  pathMs: readonly number[],
  floorMs: readonly number[],
): Figures {
  return Object.fromEntries(
    [50, 99].flatMap((percent) => {
      const [own, bare] = [percentile(pathMs, percent), percentile(floorMs, percent)];
      return [
        [`${path}_p${percent}_ms`, rounded(own)],
        [`floor_${floor}_p${percent}_ms`, rounded(bare)],
        [`${path}_p${percent}_ratio`, rounded(own / bare, 2)],
      ];
    }),
  );
}

// Delta debugging: leaves out as much of a failing list as can be left out, halves first, then smaller
// pieces, then one by one, until no single one can be spared.

/** The shortest list found that still fails. `fails` is asked at most `triesMax` times. */
export async function shrink<T>(
  list: readonly T[],
  fails: (shorter: readonly T[]) => Promise<boolean>,
  triesMax = 2_000,
): Promise<readonly T[]> {
  let left = list;
  let tries = 0;
  for (let size = Math.ceil(left.length / 2); size >= 1; ) {
    let spared = false;
    for (let from = 0; from < left.length && tries < triesMax; ) {
      const shorter = [...left.slice(0, from), ...left.slice(from + size)];
      tries += 1;
      if (await fails(shorter)) {
        left = shorter;
        spared = true;
      } else from += size;
    }
    if (size === 1 && !spared) break;
    size = spared ? Math.min(size, Math.max(1, Math.ceil(left.length / 2))) : Math.ceil(size / 2);
  }
  return left;
}

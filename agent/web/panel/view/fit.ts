// The word, as big as its place allows, in as many rows as that takes; never lower than what is read from
// the door. Where a long word in Latin letters has no room at that height it becomes narrower, as letters on
// a road do.

/** Of the screen's height: the least for the letters, of which a character fills nine tenths, and 12 % is
 * what must be; and the most for all rows together. */
const shares = {
  tight: { least: 0.135, most: 0.15 },
  wide: { least: 0.135, most: 0.25 },
  tall: { least: 0.135, most: 0.37 },
} as const;
const widths = [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.45] as const;
const steps = 12;

export function fitWord(head: HTMLElement, isTight: boolean): void {
  const { innerWidth, innerHeight } = window;
  const share = shares[isTight ? 'tight' : innerWidth > innerHeight ? 'wide' : 'tall'];
  const [least, most] = [share.least * innerHeight, share.most * innerHeight];
  const room = head.parentElement?.clientWidth ?? 0;
  const fits = (size: number, narrow: number): boolean => {
    head.style.setProperty('--size', `${size}px`);
    head.style.setProperty('--narrow', String(narrow));
    head.style.setProperty('--room', `${room / narrow}px`);
    return head.scrollWidth <= head.clientWidth + 1 && head.offsetHeight <= most;
  };
  for (let step = steps; step >= 0; step--)
    if (fits(least + ((most - least) * step) / steps, 1)) return;
  for (const width of widths) if (fits(least, width)) return;
}

// Versions in Debian's order, which is also the updater's (systemd/update-apply asks dpkg): numbers as
// numbers, `~` before everything, so that 1.2.0~rc1 comes before 1.2.0, and that before 1.2.0+fix1.
// Without epoch and revision: ours have none.

/** May be the name of a folder, too. */
export const versionShape = /^[0-9][0-9A-Za-z.+~]{0,63}$/;
export const isVersion = (text: string): boolean => versionShape.test(text);

/** Below zero: `a` is older. */
export function compareVersions(a: string, b: string): number {
  let [left, right] = [a, b];
  while (left !== '' || right !== '') {
    const [words, others] = [/^\D*/.exec(left)?.[0] ?? '', /^\D*/.exec(right)?.[0] ?? ''];
    const byWords = compareWords(words, others);
    if (byWords !== 0) return byWords;
    left = left.slice(words.length);
    right = right.slice(others.length);
    const [number, other] = [/^\d*/.exec(left)?.[0] ?? '', /^\d*/.exec(right)?.[0] ?? ''];
    if (Number(number) !== Number(other)) return Number(number) - Number(other);
    left = left.slice(number.length);
    right = right.slice(other.length);
  }
  return 0;
}

/** Letters before everything that is none, the end before letters, `~` before the end. */
function compareWords(a: string, b: string): number {
  const order = (text: string, at: number): number => {
    const sign = text[at];
    if (sign === '~') return -1;
    if (sign === undefined) return 0;
    return /[A-Za-z]/.test(sign) ? sign.charCodeAt(0) : sign.charCodeAt(0) + 256;
  };
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = order(a, at) - order(b, at);
    if (difference !== 0) return difference;
  }
  return 0;
}

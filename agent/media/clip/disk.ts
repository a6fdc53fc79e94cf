// What a disk says when it does not do what it is asked, told apart from a bug of ours.

/** Longer than this on its way to the disk: it hangs. */
export const hangMs = 5_000;

/** An error with a code of the system's. */
export const isDiskError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && 'syscall' in error;

const words: { readonly [code: string]: string } = {
  ENOSPC: 'is full',
  EDQUOT: 'is full',
  EROFS: 'is read-only',
};

/** One sentence: what, why, what to do. */
export function sentenceOf(trouble: Error | 'hangs'): string {
  if (trouble === 'hangs')
    return 'The disk of the clips hangs. Alarms do not need it; it should be replaced.';
  const known = isDiskError(trouble) ? words[trouble.code ?? ''] : undefined;
  const what = known ?? `fails: ${trouble.message}`;
  return `The disk of the clips ${what}. Alarms do not need it; look after it.`;
}

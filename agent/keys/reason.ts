// What a disk or a library of the system said, as part of a sentence. A bug of ours is none: it goes on.

/** Throws on what is no such word. */
export function reasonOf(error: unknown): string {
  if (error instanceof TypeError || error instanceof RangeError || !(error instanceof Error))
    throw error;
  return error.message;
}

// How a simulated dome may misbehave in what it answers; hostile.ts has what is worse.

/** A well-behaved dome's. */
export const noQuirks = () => ({
  /** Between reading a request and acting on it. */
  latencyMs: 0,
  /** So many switching commands are answered well and not carried out. */
  withoutEffect: 0,
  /** Unknown operations get 200 and an empty answer. */
  unknownAnswers200: false,
  clockOffsetMs: 0,
  /** Operations (or words of the request) that are never answered and never carried out. */
  hang: [] as string[],
  /** Operations (or vendor paths) whose connection is cut instead of answered. */
  cut: [] as string[],
  /** Operations (or arguments of theirs, or vendor paths) that are refused as not supported. */
  refuse: [] as string[],
});

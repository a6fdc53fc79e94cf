// How a simulated dome may misbehave in what it answers; hostile.ts has what is worse.

/** A well-behaved dome's. */
export const noQuirks = () => ({
  /** Between reading a request and acting on it. */
  latencyMs: 0,
  /** So many switching commands are answered well and not carried out. */
  withoutEffect: 0,
  /** Operations (or words of the request) that are answered well and never carried out. */
  ignore: [] as string[],
  /** Unknown operations get 200 and an empty answer. */
  unknownAnswers200: false,
  clockOffsetMs: 0,
  /** Operations (or words of the request) that are never answered and never carried out. */
  hang: [] as string[],
  /** Operations (or vendor paths) whose connection is cut instead of answered. */
  cut: [] as string[],
  /** Operations (or arguments of theirs, or vendor paths) that are refused as not supported. */
  refuse: [] as string[],
  /** So many requests are refused as if the login were wrong: too many connections (rroller/dahua#603). */
  crowded: 0,
  /** Wrong logins after which nobody is let in any more (rroller/dahua#729); null: never. */
  lockedAfter: null as number | null,
  /** What GetStatus tells of moving: nothing, MOVING for ever, one word for all of it. */
  moveStatus: 'told' as 'told' | 'missing' | 'frozen' | 'word',
  /** GetStatus tells how it was so long ago, with the time of then. */
  statusLateMs: 0,
  /** Where a preset looks is not told. */
  placelessPresets: false,
  /** How its infrared filter is set is not told. */
  untoldFilter: false,
  /** Told instead of where its snapshots are. */
  snapshotUri: null as string | null,
  /** Behind the address of a stream, as Dahua has it (go2rtc#49). */
  streamQuery: '',
  /** Its siren answers 400 while somebody talks through it (rroller/dahua#429). */
  muteWhileTalking: false,
  /** A normally closed relay is told by its contact: `open` while it is active. */
  tellsContacts: false,
});
export type Quirks = ReturnType<typeof noQuirks>;

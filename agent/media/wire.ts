// What the daemon and its two media processes say to each other, checked both ways. A process that comes up
// is told what is wanted, whole; every change is told whole again, so there is nothing to resume.

import * as z from 'zod';
import { limits } from '../contract.ts';
import { streamNames } from '../core/command.ts';
import { evidenceKinds, purgeReasons } from '../core/evidence.ts';
import { sessionLimits } from '../core/session.ts';
import { prompts } from '../core/target.ts';

const id = z.string().min(1).max(64);
const sdp = z.string().min(1).max(limits.sdpBytesMax);
const candidate = z
  .strictObject({ candidate: z.string().max(1024), mid: z.string().max(64) })
  .nullable();

/** As `RTCConfiguration.iceServers` has them; user and password only where it is a TURN server. */
const iceServer = z.strictObject({
  urls: z.string().max(256),
  username: z.string().max(256).optional(),
  credential: z.string().max(256).optional(),
});
export type IceServer = z.infer<typeof iceServer>;

const session = z.strictObject({
  id,
  sdp,
  candidates: z.array(candidate).max(sessionLimits.candidates),
  iceServers: z.array(iceServer).max(16),
});

/** A dome's address with what it takes to log in; in the environment of nobody, on no command line. */
const source = z.strictObject({
  url: z.string().max(1024),
  username: z.string().max(256),
  password: z.string().max(1024),
});
export type MediaSource = z.infer<typeof source>;

/** With whom to trust behind https, as the dome's control does: PEM, or null for the system's authorities. */
const snapshotSource = source.extend({
  ca: z
    .string()
    .max(256 * 1024)
    .nullable(),
});
export type SnapshotSource = z.infer<typeof snapshotSource>;

const count = z.number().int().nonnegative();
/** Part of a file's name: an incident's id. */
const fileWord = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/);

const keeping = {
  dir: z.string().min(1).max(1024),
  /** Base64; absent: what is kept lies open on the disk. In the environment of nobody, on no command line. */
  masterKey: z.exactOptional(z.string().max(64)),
  /** Number of this process's last word on evidence that is in the chain. */
  heard: count,
};

/** Calls that are kept, and where. */
const talksWanted = z.strictObject({
  ...keeping,
  /** What is said now belongs to it: a case, or the first of several. */
  talk: z.strictObject({ id: fileWord }).nullable(),
});
export type TalksWanted = z.infer<typeof talksWanted>;

/** All that the talk process should do. */
export const talkWanted = z.strictObject({
  sessions: z.array(session.extend({ speaks: z.boolean(), announced: z.boolean() })).max(16),
  say: z.strictObject({ id: z.string().max(256), prompt: z.enum(prompts) }).nullable(),
  sound: z
    .strictObject({
      speaker: z.string().max(128),
      microphone: z.string().max(128),
      canceller: z.enum(['auto', 'off']),
      /** Directory of the prompts, one language. */
      prompts: z.string().max(1024),
    })
    .nullable(),
  /** The dome's backchannel, where talk goes through it. */
  dome: source.nullable(),
  /** For the fallback picture. */
  snapshot: snapshotSource.nullable(),
  /** Null: nothing is kept here. */
  evidence: talksWanted.nullable(),
  /** Whether the microphone hears the loudspeaker is to be tried, once for each. */
  loop: id.nullable(),
});
export type TalkWanted = z.infer<typeof talkWanted>;

/** Monotonic milliseconds. */
const monoMs = z.number();

/** Of a file that is kept: no directory in it. */
const fileName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,159}$/);

/** What is kept of the picture, and where. */
const evidenceWanted = z.strictObject({
  ...keeping,
  days: count,
  capMb: count,
  reserveMb: count,
  snapshot: snapshotSource.nullable(),
  clip: z.strictObject({ id: fileWord, fromMs: monoMs }).nullable(),
  snapshots: z
    .array(z.strictObject({ incident: fileWord, afterMs: count, atMs: monoMs }))
    .max(1000),
  /** To be read out, base64. */
  piece: z.strictObject({ id, file: fileName, from: count, bytes: count }).nullable(),
  uploads: z.array(z.strictObject({ id, file: fileName, url: z.string().max(2048) })).max(16),
  /** Whether an upload may go to where the terminal itself stands. */
  ownNetwork: z.enum(['refuse', 'allow']),
  /** PEM; null: what the program trusts by itself. */
  ca: z.string().max(100_000).nullable(),
  kept: z.array(fileWord).max(1000),
  today: z.number().int().nullable(),
});
export type EvidenceWanted = z.infer<typeof evidenceWanted>;

/** All that the live process should do. */
export const liveWanted = z.strictObject({
  sessions: z.array(session.extend({ stream: z.enum(streamNames) })).max(16),
  main: source.nullable(),
  sub: source.nullable(),
  /** Kept open while nobody watches. */
  warm: z.boolean(),
  evidence: evidenceWanted.nullable(),
});
export type LiveWanted = z.infer<typeof liveWanted>;

const fault = z.string().regex(/^[a-z][a-z.-]{0,63}$/);

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const kind = z.enum(evidenceKinds);
/** Each with a number of its own, rising from 1. */
const evidenceSaid = [
  z.strictObject({
    ...{ t: z.literal('evidence.written'), n: count, file: fileName, first: count },
    fragments: z.array(z.strictObject({ sha256, bytes: count, monoMs, lengthMs: count })).max(200),
  }),
  z.strictObject({
    ...{ t: z.literal('evidence.stored'), n: count, file: fileName, incident: fileWord },
    ...{ what: kind, afterMs: count.nullable(), bytes: count, sha256, wallMs: z.number() },
    ...{ lengthMs: count, missingMs: count, fragments: count, mended: z.boolean() },
    video: z
      .strictObject({
        ...{ stream: z.enum(['main', 'sub']), codec: z.literal('h264') },
        ...{ width: count, height: count },
      })
      .nullable(),
  }),
  z.strictObject({
    ...{ t: z.literal('evidence.missing'), n: count, incident: fileWord },
    ...{ what: kind, afterMs: count.nullable(), detail: z.string().max(500) },
  }),
  z.strictObject({
    ...{ t: z.literal('evidence.purged'), n: count, file: fileName, bytes: count },
    reason: z.enum(purgeReasons),
  }),
] as const;
export type EvidenceSaid = z.infer<(typeof evidenceSaid)[number]>;

/** What either of them says. */
export const mediaSaid = z.discriminatedUnion('t', [
  z.strictObject({ t: z.literal('answered'), session: id, sdp }),
  z.strictObject({ t: z.literal('gathered'), session: id, candidates: z.array(candidate).max(20) }),
  z.strictObject({ t: z.literal('connected'), session: id }),
  z.strictObject({ t: z.literal('heard'), session: id, from: z.enum(['room', 'caller']) }),
  z.strictObject({
    t: z.literal('closed'),
    session: id,
    reason: z.enum(['lost', 'refused']),
    detail: z.string().max(500),
  }),
  /** `say` of that id has been said, all of it. */
  z.strictObject({ t: z.literal('prompted'), id: z.string().max(256) }),
  /** What came of `loop`. `levelDb` null: digital silence. */
  z.strictObject({
    ...{ t: z.literal('looped'), id, heard: z.boolean(), likeness: z.number() },
    ...{ levelDb: z.number().nullable(), detail: z.string().max(500) },
  }),
  /** Pictures of it are missing, and somebody waits for its next key picture. */
  z.strictObject({ t: z.literal('cut'), stream: z.enum(['main', 'sub']) }),
  ...evidenceSaid,
  z.strictObject({
    ...{ t: z.literal('evidence.read'), id, data: z.string().max(64_000).nullable() },
    ...{ total: count, detail: z.string().max(500) },
  }),
  z.strictObject({ t: z.literal('evidence.sent'), id, detail: z.string().max(500).nullable() }),
  /** `detail: null`: well again. */
  z.strictObject({ t: z.literal('fault'), fault, detail: z.string().max(1000).nullable() }),
]);
export type MediaSaid = z.infer<typeof mediaSaid>;

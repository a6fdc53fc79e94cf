// Commands from outside: who may ask for what, and what is answered.
// This file holds the words; core/flood.ts counts them, core/obey.ts decides rights, freshness, effect.

import type { Mark } from './mark.ts';
import type { PastCursor } from './past.ts';
import type { Offered } from './update.ts';

export const roles = [
  'platform',
  '110-city',
  '110-district',
  'police-video',
  'campus',
  'school',
  'installer',
] as const;
export type Role = (typeof roles)[number];

export const verbs = [
  'status',
  'seen',
  'take',
  'resolve',
  'strobe-on',
  'strobe-off',
  'siren-on',
  'siren-off',
  'test',
  'session.offer',
  'session.candidate',
  'session.floor',
  'session.bye',
  'evidence.get',
  'evidence.put',
  'evidence.hold',
  'window.open',
  'window.close',
  'make-real',
  'evidence.export',
  'update.offer',
  'certificate.offer',
  'stick.take',
  'stick.release',
  'stick.do',
  'stick.move',
  'stick.stop',
  'session.stream',
  'incident.list',
] as const;
export type Verb = (typeof verbs)[number];

/** Worthless a moment later: without an id, a lifetime or an answer of their own (core/stick.ts). */
export const moveVerbs = ['stick.move', 'stick.stop'] as const satisfies Verb[];
export type MoveVerb = (typeof moveVerbs)[number];
export type CommandVerb = Exclude<Verb, MoveVerb>;
export const isMoveVerb = (verb: Verb): verb is MoveVerb => moveVerbs.some((move) => move === verb);
export const commandVerbs = verbs.filter((verb): verb is CommandVerb => !isMoveVerb(verb));

/** Parts that `test` can exercise. */
export const testParts = ['strobe', 'siren', 'preset', 'lamp'] as const;
export type TestPart = (typeof testParts)[number];

export type CommandArgs =
  | { readonly verb: 'status' }
  | { readonly verb: 'seen' | 'take'; readonly incident: string }
  | {
      readonly verb: 'resolve';
      readonly incident: string;
      readonly reason: string;
      readonly note: string | null;
      /** What the sender takes the case for; undefined: whatever it is. */
      readonly as?: Mark | 'real' | undefined;
    }
  | { readonly verb: 'strobe-on' | 'strobe-off' | 'siren-on' | 'siren-off' }
  | { readonly verb: 'test'; readonly part: TestPart }
  | ({ readonly verb: 'session.offer' } & SessionOffer)
  | {
      readonly verb: 'session.candidate';
      readonly session: string;
      readonly candidates: readonly (IceCandidate | null)[];
    }
  | {
      readonly verb: 'session.floor';
      readonly session: string;
      readonly act: FloorAct;
      /** Session that it is given to. */
      readonly to: string | null;
    }
  | {
      readonly verb: 'session.stream';
      readonly session: string;
      readonly stream: SessionOffer['stream'];
    }
  | { readonly verb: 'session.bye'; readonly session: string }
  | {
      readonly verb: 'evidence.get';
      readonly file: string;
      /** Offset, and how much at most. */
      readonly from: number;
      readonly bytes: number;
    }
  | { readonly verb: 'evidence.put'; readonly file: string; readonly url: string }
  | { readonly verb: 'evidence.hold'; readonly incident: string; readonly on: boolean }
  | ({ readonly verb: 'window.open' } & WindowAsked)
  | { readonly verb: 'window.close'; readonly mark: Mark | null }
  | { readonly verb: 'make-real'; readonly incident: string }
  | { readonly verb: 'evidence.export'; readonly incident: string; readonly reason: string }
  | {
      readonly verb: 'incident.list';
      /** Where the page before has ended; null: from the newest on. */
      readonly before: PastCursor | null;
      readonly most: number;
    }
  | ({ readonly verb: 'update.offer' } & Offered)
  | { readonly verb: 'certificate.offer'; readonly request: string; readonly chain: string }
  | { readonly verb: 'stick.take'; readonly lease: string | null }
  | { readonly verb: 'stick.release'; readonly lease: string }
  | { readonly verb: 'stick.do'; readonly lease: string; readonly act: StickAct };

/** A time in which presses are marked. */
export interface WindowAsked {
  readonly mark: Mark;
  readonly minutes: number;
  /** Whether the siren sounds in it. */
  readonly siren: boolean;
}

/** Pan and tilt -1 to 1, right and up positive; zoom -1 to 1, towards the scene positive. */
export interface Velocity {
  readonly pan: number;
  readonly tilt: number;
  readonly zoom: number;
}

export const focusWords = ['near', 'far', 'stop', 'auto'] as const;

/** What the holder of the stick may have done beside moving it. */
export type StickAct =
  | ({ readonly op: 'relative' } & Velocity)
  /** Null: as it is. Zoom 0 to 1. */
  | ({ readonly op: 'absolute' } & { readonly [A in keyof Velocity]: number | null })
  | { readonly op: 'zoom'; readonly to: number }
  /** By token or name. */
  | { readonly op: 'preset'; readonly preset: string }
  | { readonly op: 'home' | 'presets' }
  | { readonly op: 'wiper' | 'light'; readonly on: boolean }
  | { readonly op: 'focus'; readonly to: (typeof focusWords)[number] };

export const sessionKinds = ['talk', 'live'] as const;
export type SessionKind = (typeof sessionKinds)[number];

/** `listen`: hears the gate room and is not heard in it. */
export const talkModes = ['talk', 'listen'] as const;
export const streamNames = ['auto', 'main', 'sub'] as const;
export const floorActs = ['take', 'ask', 'give', 'leave'] as const;
export type FloorAct = (typeof floorActs)[number];

/** As a browser's `RTCIceCandidate` has it; in a list null means that there are no more. */
export interface IceCandidate {
  readonly candidate: string;
  readonly mid: string;
}

/** What a dispatcher's client asks for: to talk with the gate room, or to see the gate. */
export interface SessionOffer {
  /** Made by the client, one for every peer connection. */
  readonly session: string;
  readonly kind: SessionKind;
  readonly sdp: string;
  /** Short-lived, made by the platform; live only, never stored. */
  readonly turn: { readonly username: string; readonly credential: string } | null;
  /** The case it is for; null: the oldest open one, or none. */
  readonly incident: string | null;
  readonly mode: (typeof talkModes)[number];
  readonly stream: (typeof streamNames)[number];
  /** The session that this one takes over from. */
  readonly replaces: string | null;
}

/** Whether it turns the dome. */
export const isTurn = ({ op }: StickAct): boolean =>
  op === 'preset' || op === 'home' || op === 'relative' || op === 'absolute' || op === 'zoom';

/** Who goes before whom at the stick and at the floor; equal ranks do not displace one another. */
export const ranks: { readonly [R in Role]: number } = {
  platform: 0,
  '110-city': 0,
  '110-district': 1,
  'police-video': 2,
  campus: 3,
  school: 4,
  installer: 5,
};

/** Verbs whose effect dies with the process, or that have none: no row, no record of the command itself. */
export const isTransient = (verb: Verb): boolean =>
  verb.startsWith('session.') ||
  verb.startsWith('stick.') ||
  verb === 'evidence.get' ||
  verb === 'incident.list' ||
  verb === 'evidence.put' ||
  verb === 'update.offer';

/** A well-formed command. Role, user and verb come from the topic; a payload's claim is ignored. */
export interface Command {
  readonly id: string;
  readonly role: Role;
  readonly user: string;
  readonly args: CommandArgs;
  /** Boot id the sender read in the birth message. */
  readonly bootId: string;
  /** Unix time of sending, milliseconds. */
  readonly issuedMs: number;
  /** How long after `issuedMs` the command may still be obeyed, milliseconds; 30,000 at most. */
  readonly lifetimeMs: number;
  /** The broker had kept it: never obeyed. */
  readonly retained: boolean;
  readonly replyTo: string;
  /** MQTT correlation data, base64. */
  readonly correlation: string | null;
}

export const refusalReasons = [
  'malformed',
  'unknown-verb',
  'not-allowed',
  'wrong-boot',
  'retained',
  'expired',
  'too-many',
  'bad-reply-topic',
  'unknown-incident',
  'already-resolved',
  'no-open-incident',
  'silent-incident',
  'incident-open',
  'made-real',
  'busy',
  'unknown-session',
  'unknown-file',
  'no-lease',
  'out-of-range',
  'failed',
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

/** What a command gets back, on its response topic. */
export interface Answer {
  readonly id: string | null;
  readonly verb: string;
  readonly ok: boolean;
  readonly reason?: RefusalReason;
  readonly detail?: string;
  readonly result?: { readonly [key: string]: unknown };
}

// Commands from outside: who may ask for what, and what is answered.
// This file holds the words; core/flood.ts counts them, core/obey.ts decides rights, freshness, effect.

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
] as const;
export type Verb = (typeof verbs)[number];

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
    }
  | { readonly verb: 'strobe-on' | 'strobe-off' | 'siren-on' | 'siren-off' }
  | { readonly verb: 'test'; readonly part: TestPart };

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
  'busy',
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

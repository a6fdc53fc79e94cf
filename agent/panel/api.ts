// What the panel's page and its server say to each other: routes, bodies, answers, limits, events. JSON over
// HTTPS on one origin. Nothing here ever tells of a silent alarm: the server does not know of any.
// Grows by addition only: a page of the release before still reads what it knows.

import * as z from 'zod';
import { testParts } from '../core/command.ts';
import { marks, windowMinutesMax } from '../core/mark.ts';
import { inputRoles } from '../core/setup.ts';
import { kinds } from '../core/state.ts';
import { ladder } from '../core/target.ts';

export const panelLimits = {
  /** Of a request, bytes. */
  bodyBytesMax: 16 * 1024,
  /** A session that nobody uses ends; the stream of events does not count as use, every request does. */
  idleMs: 10 * 60_000,
  sessionMs: 8 * 60 * 60_000,
  sessionsMax: 8,
  /** Streams of events at once, and from one address. */
  streamsMax: 32,
  streamsOfOneMax: 6,
  /** A stream that tells nothing new tells this often that it lives: silence of twice as long, and the
   * page must say that the panel has no connection. */
  beatMs: 2_000,
  pinDigitsMin: 6,
  pinDigitsMax: 12,
  nameChars: 40,
  alarmsShown: 10,
  faultsShown: 30,
  callersShown: 8,
} as const;

/** `GET`: no body. `POST`: `content-type: application/json`, same origin; the body at least `{}`. `pin`: only
 * with a session, else 401 `no-session`. */
export const routes = {
  /** Answers `guardView`. */
  view: { method: 'GET', path: '/api/view', pin: false },
  /** Server-sent events, see `events`. */
  events: { method: 'GET', path: '/api/events', pin: false },
  /** Answers `sessionView`. */
  session: { method: 'GET', path: '/api/session', pin: false },
  /** `noBody`; answers `claimed`. The dispatcher decides. */
  falseAlarm: { method: 'POST', path: '/api/false-alarm', pin: false },
  /** `signInBody`; answers `sessionView`, sets the cookie. 401 `wrong-pin`, 429 `too-many`. */
  signIn: { method: 'POST', path: '/api/sign-in', pin: false },
  /** `noBody`; answers `sessionView`; no error where there is no session. */
  signOut: { method: 'POST', path: '/api/sign-out', pin: false },
  /** Answers `inputsView`; the same comes with the events. */
  inputs: { method: 'GET', path: '/api/inputs', pin: true },
  /** `image/jpeg` as of now (2 s old at most), with header `x-taken-wall-ms`. 503 `no-picture`. */
  picture: { method: 'GET', path: '/api/picture', pin: true },
  /** `testBody`; answers `done` when it is over, 20 s at most. 409 `incident-open`, `busy`; 502 `failed`. */
  test: { method: 'POST', path: '/api/test', pin: true },
  /** `windowBody`; answers `windowOpened`. 409 `incident-open`, `busy`. */
  windowOpen: { method: 'POST', path: '/api/window/open', pin: true },
  /** `noBody`; answers `done`, also where none was open. */
  windowClose: { method: 'POST', path: '/api/window/close', pin: true },
  /** `noBody`; answers `done`: buzzer and prompts are silent until the next event. */
  mute: { method: 'POST', path: '/api/mute', pin: true },
  /** `noBody`; answers `done`: light and siren are off until the next press; the alarm stays open. */
  reset: { method: 'POST', path: '/api/reset', pin: true },
  /** `noBody`; answers `done` at once; the daemon is gone for some seconds. 409 `incident-open`, `busy`. */
  restart: { method: 'POST', path: '/api/restart', pin: true },
  /** Answers `systemView`. */
  system: { method: 'GET', path: '/api/system', pin: true },
  /** `application/zip`, as an attachment: a link is enough. */
  support: { method: 'GET', path: '/api/support', pin: true },
} as const satisfies {
  readonly [name: string]: { method: 'GET' | 'POST'; path: string; pin: boolean };
};
export type RouteName = keyof typeof routes;

/** What is not 2xx has the body `problem`. */
export const problems = {
  malformed: 400,
  'no-session': 401,
  'wrong-pin': 401,
  'wrong-origin': 403,
  'not-found': 404,
  'wrong-method': 405,
  'incident-open': 409,
  busy: 409,
  'too-large': 413,
  'wrong-type': 415,
  'wrong-host': 421,
  'too-many': 429,
  failed: 502,
  'no-daemon': 503,
  'no-picture': 503,
  /** Nobody has set a PIN: `gate-agent panel set-pin`. */
  'no-pin': 503,
} as const;
export type Problem = keyof typeof problems;
const problemNames = Object.keys(problems) as [Problem, ...Problem[]];

/** For people, in both languages; never markup. */
export const text = z.object({ zh: z.string(), en: z.string() });
export type Text = z.infer<typeof text>;

export const problem = z.object({
  reason: z.enum(problemNames),
  text,
  /** With `wrong-pin` and `too-many`: no PIN is looked at before. */
  retryAfterMs: z.number().int().nonnegative().optional(),
});
export type ProblemBody = z.infer<typeof problem>;

// ---- what is asked ------------------------------------------------------------------------------

export const noBody = z.strictObject({});

export const signInBody = z.strictObject({
  pin: z.string().regex(/^\d{1,12}$/),
  /** Who it is, for the record; empty: nobody said. */
  name: z.string().max(panelLimits.nameChars).default(''),
});
export const testBody = z.strictObject({ part: z.enum(testParts) });
export const windowBody = z.discriminatedUnion('mark', [
  z.strictObject({
    mark: z.literal('drill'),
    minutes: z.number().int().min(1).max(windowMinutesMax.drill),
    siren: z.boolean().default(false),
  }),
  z.strictObject({
    mark: z.literal('service'),
    minutes: z.number().int().min(1).max(windowMinutesMax.service),
    siren: z.literal(false).default(false),
  }),
]);
export type WindowBody = z.infer<typeof windowBody>;

// ---- what is answered ---------------------------------------------------------------------------

const count = z.number().int().nonnegative();
const wallMs = count;
const mark = z.enum(marks).nullable();
export const lampWord = z.enum(['ready', 'unstored', ...ladder, 'undelivered']);
export type PanelWord = z.infer<typeof lampWord>;

/** `call-110`: the guard must telephone now. `watch`: it is in good hands. `look`: a fault, somebody should
 * see to it. `none`: nothing to do. */
export const urgencies = ['none', 'look', 'watch', 'call-110'] as const;

const alarm = z.object({
  id: z.string(),
  kind: z.enum(kinds),
  kindText: text,
  /** What people call the button. */
  inputName: z.string(),
  step: lampWord,
  stepText: text,
  mark,
  presses: z.number().int().positive(),
  raisedWallMs: wallMs,
  /** Null: it is open. */
  resolvedWallMs: wallMs.nullable(),
  /** The guard has said so; the dispatcher decides. */
  falseAlarm: z.boolean(),
});

/** For whoever stands before it, without a PIN. */
export const guardView = z.object({
  /** The server's clock when this was true: ages are differences to it, whatever the browser's clock says. */
  nowWallMs: wallMs,
  clock: z.enum(['good', 'unknown']),
  /** False: the daemon does not answer, and everything below is what was known last, or empty. */
  daemon: z.boolean(),
  terminal: z.object({
    id: z.string().nullable(),
    school: z.string(),
    gate: z.string(),
    version: z.string(),
    /** False: no configuration; no button is watched. */
    armed: z.boolean(),
  }),
  /** The big word, as the lamp on the wall says it. */
  lamp: z.object({
    /** Null: not known (`daemon` or `armed` is false). */
    word: lampWord.nullable(),
    text,
    sinceWallMs: wallMs,
    /** The word is of a drill or of service, or the next press would be. */
    mark,
    fault: z.boolean(),
    linkDown: z.boolean(),
  }),
  /** What to do now. */
  advice: z.object({ urgency: z.enum(urgencies), text }),
  link: z.object({ up: z.boolean(), text }),
  /** Most urgent first. */
  faults: z.array(
    z.object({
      fault: z.string(),
      /** What is wrong, in plain words. */
      text,
      /** What to do, and who. */
      todo: text,
      /** As the daemon words it, for the installer. */
      detail: z.string(),
      sinceWallMs: wallMs,
    }),
  ),
  /** Who talks with the gate room, the one who is heard first. */
  callers: z.array(z.object({ text, speaks: z.boolean(), sinceWallMs: wallMs })),
  /** Open ones first, then the last. */
  alarms: z.array(alarm),
  /** Presses are marked now. */
  window: z
    .object({ mark: z.enum(marks), text, by: z.string(), sinceWallMs: wallMs, untilWallMs: wallMs })
    .nullable(),
  /** Light and siren as they are wanted now; null: there is no dome and no light of the terminal's own. */
  lights: z.object({ strobe: z.boolean(), siren: z.boolean() }).nullable(),
  /** Buzzer and prompts are silent until the next event. */
  muted: z.boolean(),
  /** An alarm is open that nobody has called false yet: the button is worth showing. */
  mayClaim: z.boolean(),
});
export type GuardView = z.infer<typeof guardView>;
export type AlarmView = GuardView['alarms'][number];

export const sessionView = z.object({
  /** Null: none, or it has ended. */
  session: z
    .object({ name: z.string(), sinceWallMs: wallMs, untilWallMs: wallMs, idleUntilWallMs: wallMs })
    .nullable(),
  /** False: nobody can sign in before a PIN is set. */
  pinSet: z.boolean(),
});
export type SessionView = z.infer<typeof sessionView>;

export const claimed = z.object({
  /** Alarms that are now said to be false; 0: none was open, or it had been said before. */
  alarms: count,
});
export const done = z.object({ ok: z.literal(true) });
export const windowOpened = z.object({ mark: z.enum(marks), untilWallMs: wallMs });

export const inputsView = z.object({
  inputs: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      role: z.enum(inputRoles),
      /** Of a button. */
      kind: z.enum(kinds).nullable(),
      /** Null: not seen since the start. A silent button shows its line, and a press only in service. */
      contact: z.enum(['normal', 'pressed', 'short', 'open', 'tamper']).nullable(),
      contactText: text,
      sinceWallMs: wallMs.nullable(),
    }),
  ),
});
export type InputsView = z.infer<typeof inputsView>;

export const systemView = z.object({
  versions: z.object({
    agent: z.string(),
    panel: z.string(),
    node: z.string(),
    kernel: z.string(),
  }),
  uptimeS: z.number().nonnegative(),
  network: z.object({
    hostname: z.string(),
    interfaces: z.array(
      z.object({
        name: z.string(),
        mac: z.string(),
        up: z.boolean(),
        /** With prefix length: `192.168.1.20/24`. */
        addresses: z.array(z.string()),
      }),
    ),
    gateways: z.array(z.string()),
    dns: z.array(z.string()),
    /** Address of the broker in use or tried. */
    broker: z.string().nullable(),
    online: z.boolean(),
  }),
  clock: z.object({ wallMs, quality: z.enum(['good', 'unknown']), text, timezone: z.string() }),
  /** SHA-256 of the certificate that this page was served with. */
  certificate: z.object({ fingerprint: z.string(), untilWallMs: wallMs, selfSigned: z.boolean() }),
  figures: z.object({ outboxRows: count, records: count, rssMb: z.number().nonnegative() }),
});
export type SystemView = z.infer<typeof systemView>;

// ---- what the stream tells ----------------------------------------------------------------------

/** Each as `event: {name}` with `data:` one line of JSON. At the start one of `view` and of `session`; then
 * `view` at each change, `beat` where nothing else was told for `beatMs`; `session` at each change of it
 * and at its end; `inputs` at each change, with a session. `retry: 1000` is set: the browser reconnects. */
export const events = {
  view: guardView,
  session: sessionView,
  inputs: inputsView,
  beat: z.object({ nowWallMs: wallMs }),
} as const;
export type EventName = keyof typeof events;

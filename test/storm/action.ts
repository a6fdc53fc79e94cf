// What can happen in a storm, and how it is told. An action names buttons and cases by number, taken
// modulo what there is, so that a story stays a story when any part of it is left out.

import type { Role } from '#agent/core/command.ts';
import type { Mark } from '#agent/core/mark.ts';
import type { Kind } from '#agent/core/state.ts';

export interface Button {
  readonly id: string;
  readonly kind: Kind;
  /** `box`: counted by a box that lives on. `line`: a bare contact, seen only while somebody looks. */
  readonly source: 'box' | 'line';
}

export const commandVerbs = [
  'seen',
  'take',
  'resolve',
  'strobe-on',
  'strobe-off',
  'siren-off',
  'status',
  'test',
  'window.open',
  'window.close',
  'make-real',
] as const;
export type CommandVerb = (typeof commandVerbs)[number];

/** `again`: the last command once more, to the letter. `late`: waits at the broker for the next link. */
export const flaws = [
  'none',
  'stale',
  'future',
  'wrong-boot',
  'retained',
  'again',
  'late',
] as const;
export type Flaw = (typeof flaws)[number];

/** Where in the life of the process SIGKILL falls. */
export type KillAt = 'now' | 'before-commit' | 'after-commit';

export type Action =
  | { readonly do: 'press'; readonly button: number; readonly holdMs: number }
  | { readonly do: 'burst'; readonly button: number; readonly times: number }
  | { readonly do: 'chatter'; readonly button: number; readonly edges: number }
  | { readonly do: 'hold' | 'release'; readonly button: number }
  | { readonly do: 'wiring'; readonly button: number; readonly to: 'short' | 'open' | 'tamper' }
  | { readonly do: 'guard'; readonly key: 'false-alarm' | 'local-reset' }
  | { readonly do: 'cable'; readonly to: 'out' | 'in' }
  | { readonly do: 'box-restart' }
  | { readonly do: 'link'; readonly to: 'up' | 'down' | 'half-open' }
  | { readonly do: 'acks'; readonly to: 'given' | 'lost' }
  | { readonly do: 'receipts'; readonly to: 'sent' | 'held' | 'lost' | 'again' }
  | {
      readonly do: 'command';
      readonly verb: CommandVerb;
      readonly role: Role;
      readonly which: number;
      readonly flaw: Flaw;
      /** Of `window.open`. */
      readonly mark?: Mark;
    }
  /** What is open is resolved, and a window opened. */
  | { readonly do: 'window'; readonly mark: Mark }
  | { readonly do: 'disk'; readonly to: 'hangs' | 'mended' }
  | { readonly do: 'disk-fails'; readonly commits: number }
  | { readonly do: 'dome'; readonly what: 'lost' | 'back' | 'forgets' }
  | { readonly do: 'dome-deaf'; readonly commands: number }
  | { readonly do: 'kill'; readonly at: KillAt; readonly written: number }
  | { readonly do: 'reboot'; readonly written: number }
  | { readonly do: 'start' | 'stop' | 'ruin' }
  | { readonly do: 'clock'; readonly byMs: number }
  | { readonly do: 'clock-quality'; readonly to: 'good' | 'unknown' }
  | { readonly do: 'wait'; readonly ms: number };

export interface StormStory {
  readonly seed: number;
  /** Two to ten. */
  readonly buttons: readonly Button[];
  readonly receipts: 'platform' | 'none';
  readonly actions: readonly Action[];
}

/** The one that `n` names. */
export function nth<T>(list: readonly T[], n: number): T | undefined {
  return list[n % list.length];
}

const seconds = (ms: number): string => (ms < 1000 ? `${ms} ms` : `${ms / 1000} s`);

/** One line for people. */
export function told(action: Action, buttons: readonly Button[]): string {
  const name = (n: number): string => nth(buttons, n)?.id ?? '?';
  switch (action.do) {
    case 'press':
      return `${name(action.button)} is pressed for ${seconds(action.holdMs)}`;
    case 'burst':
      return `${name(action.button)} is pressed ${action.times} times`;
    case 'chatter':
      return `${name(action.button)} is pressed and chatters ${action.edges} times`;
    case 'hold':
      return `${name(action.button)} is pressed and held`;
    case 'release':
      return `${name(action.button)} is let go`;
    case 'wiring':
      return `the loop of ${name(action.button)} shows ${action.to}`;
    case 'guard':
      return `the guard uses the ${action.key} key`;
    case 'cable':
      return `the cable of the button box is ${action.to === 'out' ? 'pulled' : 'plugged in'}`;
    case 'box-restart':
      return 'the button box loses power and comes back';
    case 'link':
      return `the link is ${action.to}`;
    case 'acks':
      return `the broker's acknowledgements are ${action.to}`;
    case 'receipts':
      return `the platform's receipts are ${action.to === 'again' ? 'all sent again' : action.to}`;
    case 'command':
      return toldCommand(action);
    case 'window':
      return `all is resolved and a window of ${action.mark} opened`;
    case 'disk':
      return action.to === 'hangs' ? 'the disk hangs' : 'the disk answers again';
    case 'disk-fails':
      return `the database refuses ${action.commits} commits`;
    case 'dome':
      return { lost: 'the dome is lost', back: 'the dome is back', forgets: 'the dome reboots' }[
        action.what
      ];
    case 'dome-deaf':
      return `the dome answers ${action.commands} commands and does nothing`;
    case 'kill':
      return `SIGKILL${deaths[action.at]}${toldWritten(action.written)}`;
    case 'reboot':
      return `the machine reboots${toldWritten(action.written)}`;
    case 'start':
      return 'the daemon starts';
    case 'stop':
      return 'SIGTERM';
    case 'ruin':
      return 'SIGKILL, and nothing of the database can be read';
    case 'clock':
      return `the wall clock jumps by ${action.byMs / 1000} s`;
    case 'clock-quality':
      return `the wall clock is ${action.to}`;
    case 'wait':
      return `${seconds(action.ms)} pass`;
  }
}

const deaths: { readonly [at in KillAt]: string } = {
  now: '',
  'before-commit': ' before the next commit',
  'after-commit': ' right after the next commit',
};

const toldWritten = (written: number): string =>
  written === 0 ? '' : ` (of what the disk had not confirmed, ${written} turns are there)`;

/** Verbs that name a case. */
export const aboutCases: readonly CommandVerb[] = ['seen', 'take', 'resolve', 'make-real'];

function toldCommand({ verb, role, which, flaw }: Action & { do: 'command' }): string {
  if (flaw === 'again') return 'the last command comes again';
  const about = aboutCases.includes(verb) ? ` case ${which}` : '';
  return `${role} sends ${verb}${about}${flaw === 'none' ? '' : ` (${flaw})`}`;
}

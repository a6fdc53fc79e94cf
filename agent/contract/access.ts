// Who may say and hear what at a broker: the lists that its ACL, or the `acl` of a token, is written from.
// A filter of `subscribe` never ends in `+` above a deeper level: EMQX lets `a/#` pass by a rule `a/+`.

import type { Role } from '../core/command.ts';

/** Topics with the wildcards of MQTT. What is in no list is refused. */
export interface Access {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

export type Login =
  | { readonly kind: 'terminal'; readonly terminal: string }
  /** The city platform itself. */
  | { readonly kind: 'platform'; readonly user: string }
  | {
      readonly kind: 'person';
      readonly role: Role;
      readonly user: string;
      /** Those of the jurisdiction; null: all. */
      readonly terminals: readonly string[] | null;
    };

const toldByTerminal = ['state', 'alarm', 'event', 'telemetry', 'health', 'reply/#'];
/** What everybody may hear of a terminal that is theirs. */
const toldToPeople = ['state', 'alarm', 'event'];

export function accessOf(login: Login): Access {
  switch (login.kind) {
    case 'terminal': {
      const own = (what: string) => `gate/v1/${login.terminal}/${what}`;
      return { publish: toldByTerminal.map(own), subscribe: [own('cmd/+/+/+'), own('receipt')] };
    }
    case 'platform': {
      const commands = `gate/v1/+/cmd/platform/${login.user}/+`;
      return { publish: ['gate/v1/+/receipt', commands], subscribe: ['gate/v1/#'] };
    }
    case 'person': {
      const { role, user, terminals } = login;
      const theirs = terminals ?? ['+'];
      return {
        publish: theirs.map((one) => `gate/v1/${one}/cmd/${role}/${user}/+`),
        subscribe: [
          ...filtersOf(terminals),
          // Answers to what one has asked: of no use to anybody else, whichever terminal it was.
          `gate/v1/+/reply/${role}/${user}/#`,
        ],
      };
    }
  }
}

/** What somebody who watches subscribes to; null: all terminals. */
export const filtersOf = (terminals: readonly string[] | null): string[] =>
  (terminals ?? ['+']).flatMap((one) => toldToPeople.map((what) => `gate/v1/${one}/${what}`));

/** Whether a rule lets all through that a topic or a filter stands for. */
export function covers(rule: string, filter: string): boolean {
  const [rules, words] = [rule.split('/'), filter.split('/')];
  for (const [i, one] of rules.entries()) {
    if (one === '#') return true;
    const word = words[i];
    if (word === undefined || word === '#') return false;
    if (one !== '+' && one !== word) return false;
  }
  return rules.length === words.length;
}

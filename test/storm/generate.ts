// A story from a seed: who has which buttons, and what happens to them. Weights follow what a school
// sees, made worse: much pressing, much trouble, and a machine that comes back after each death.

import { type Role, roles } from '#agent/core/command.ts';
import { marks } from '#agent/core/mark.ts';
import { kinds } from '#agent/core/state.ts';
import { type Action, type Button, commandVerbs, flaws, type StormStory } from './action.ts';
import { type Dice, diceOf } from './random.ts';

export interface StormSize {
  readonly actionsMin: number;
  readonly actionsMax: number;
}

export const usualSize: StormSize = { actionsMin: 10, actionsMax: 45 };

const weights = {
  press: 22,
  burst: 2,
  chatter: 3,
  hold: 4,
  release: 6,
  wiring: 4,
  guard: 4,
  cable: 4,
  'box-restart': 2,
  link: 12,
  acks: 4,
  receipts: 7,
  command: 18,
  window: 6,
  disk: 4,
  'disk-fails': 3,
  dome: 7,
  'dome-deaf': 3,
  kill: 7,
  reboot: 2,
  stop: 2,
  ruin: 3,
  clock: 3,
  'clock-quality': 2,
  wait: 18,
} as const;

/** The same seed gives the same story. */
export function storyOf(seed: number, { actionsMin, actionsMax }: StormSize = usualSize) {
  const dice = diceOf(seed);
  const buttons = buttonsOf(dice);
  const count = dice.between(actionsMin, actionsMax);
  const actions: Action[] = dice.onceIn(5) ? [] : [{ do: 'link', to: 'up' }];
  while (actions.length < count) actions.push(...happening(dice));
  const receipts = dice.onceIn(8) ? 'none' : 'platform';
  return { seed, buttons, receipts, actions } satisfies StormStory;
}

function buttonsOf(dice: Dice): Button[] {
  return Array.from({ length: dice.between(2, 10) }, (_, n): Button => {
    const kind = n === 0 || dice.onceIn(3) ? 'emergency' : dice.pick(kinds);
    const source = dice.onceIn(3) ? 'line' : 'box';
    return { id: `${kind}-${n + 1}`, kind, source };
  });
}

/** One action, and what surely follows from it. */
function happening(dice: Dice): Action[] {
  const what = dice.weighted(weights);
  const button = dice.between(0, 9);
  switch (what) {
    case 'press':
      return [{ do: what, button, holdMs: dice.pick([30, 100, 200, 700, 3000]) }];
    case 'burst':
      return [{ do: what, button, times: dice.pick([3, 10, 22, 40]) }];
    case 'chatter':
      return [{ do: what, button, edges: dice.between(2, 30) }];
    case 'hold':
    case 'release':
      return [{ do: what, button }];
    case 'wiring':
      return [{ do: what, button, to: dice.pick(['short', 'open', 'tamper']) }];
    case 'guard':
      return [{ do: what, key: dice.pick(['false-alarm', 'local-reset']) }];
    case 'cable':
      return [{ do: what, to: dice.pick(['out', 'in']) }];
    case 'box-restart':
      return [{ do: what }];
    case 'link':
      return [{ do: what, to: dice.weighted({ up: 5, down: 3, 'half-open': 2 }) }];
    case 'acks':
      return [{ do: what, to: dice.pick(['given', 'lost']) }];
    case 'receipts':
      return [{ do: what, to: dice.weighted({ sent: 5, held: 3, lost: 2, again: 1 }) }];
    case 'command':
      return [commandOf(dice)];
    case 'window':
      return [
        { do: what, mark: dice.pick(marks) },
        { do: 'press', button, holdMs: dice.pick([100, 200, 2_900, 3_100]) },
      ];
    default:
      return trouble(dice, what);
  }
}

function commandOf(dice: Dice): Action {
  const usual: Role = dice.onceIn(8) ? 'installer' : dice.pick(['110-city', '110-district']);
  const role = dice.onceIn(5) ? dice.pick(roles) : usual;
  const verb = dice.onceIn(3) ? 'resolve' : dice.pick(commandVerbs);
  const flaw = dice.onceIn(3) ? dice.pick(flaws) : 'none';
  return { do: 'command', verb, role, which: dice.between(0, 5), flaw };
}

type Trouble = Exclude<
  keyof typeof weights,
  | 'press'
  | 'burst'
  | 'chatter'
  | 'hold'
  | 'release'
  | 'wiring'
  | 'guard'
  | 'cable'
  | 'box-restart'
  | 'link'
  | 'acks'
  | 'receipts'
  | 'command'
  | 'window'
>;

function trouble(dice: Dice, what: Trouble): Action[] {
  switch (what) {
    case 'disk':
      return [{ do: what, to: dice.pick(['hangs', 'mended']) }];
    case 'disk-fails':
      return [{ do: what, commits: dice.pick([1, 2, 5, 40]) }];
    case 'dome':
      return [{ do: what, what: dice.pick(['lost', 'back', 'forgets']) }];
    case 'dome-deaf':
      return [{ do: what, commands: dice.between(1, 8) }];
    case 'kill': {
      const at = dice.weighted({ now: 2, 'before-commit': 1, 'after-commit': 1 });
      const kill: Action = { do: what, at, written: dice.pick([0, 0, 1, 3]) };
      // One that is due at a commit needs something to commit.
      const button = dice.between(0, 9);
      return at === 'now'
        ? [kill, ...comesBack(dice)]
        : [kill, { do: 'press', button, holdMs: 200 }, ...comesBack(dice)];
    }
    case 'reboot':
      return [{ do: what, written: dice.pick([0, 1]) }, ...comesBack(dice)];
    case 'stop':
      return [{ do: what }, ...comesBack(dice)];
    case 'ruin':
      // Sooner than the journal is flushed it changes nothing: README, A bad disk.
      return [{ do: 'wait', ms: dice.pick([20, 1_500]) }, { do: what }, ...comesBack(dice)];
    case 'clock':
      return [{ do: what, byMs: dice.pick([-31_536_000_000, -60_000, -4_000, 3_000, 86_400_000]) }];
    case 'clock-quality':
      return [{ do: what, to: dice.pick(['good', 'unknown']) }];
    case 'wait':
      return [
        { do: what, ms: dice.pick([1, 50, 500, 2_000, 5_500, 10_000, 11_000, 35_000, 65_000]) },
      ];
  }
}

/** Whatever happens while nobody is there, then the start and mostly the link. */
function comesBack(dice: Dice): Action[] {
  const meanwhile: Action[] = dice.onceIn(2)
    ? [{ do: 'press', button: dice.between(0, 9), holdMs: 100 }]
    : [];
  const link: Action[] = dice.onceIn(4) ? [] : [{ do: 'link', to: 'up' }];
  return [
    ...meanwhile,
    { do: 'wait', ms: dice.pick([10, 1_000, 12_000]) },
    { do: 'start' },
    ...link,
  ];
}

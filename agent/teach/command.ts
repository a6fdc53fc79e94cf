// `gate-agent button teach`: looks again and again until it is asked to end, and shows what it sees.

import type { Clock } from '../ports.ts';
import { JsonScreen, type Size, TerminalScreen, TextScreen } from './screen.ts';
import { type TeachView, teachView } from './view.ts';

const everyMs = 150;

export interface TeachCommand {
  /** One look. What it throws ends the command. */
  readonly ask: () => Promise<unknown>;
  readonly out: (text: string) => void;
  readonly clock: Clock;
  readonly isJson: boolean;
  /** null: no terminal. */
  readonly size: (() => Size) | null;
  /** Somebody has pressed Ctrl-C. */
  readonly ended: Promise<void>;
}

export class UnknownForm extends Error {
  override readonly name = 'UnknownForm';
  override readonly message = 'the daemon answers in a form this version does not know';
}

/** Resolves when it was asked to end. */
export async function teach({ ask, out, clock, isJson, size, ended }: TeachCommand): Promise<void> {
  const screen = isJson ? new JsonScreen(out) : screenFor(out, size);
  let isOver = false;
  const over = ended.then(() => {
    isOver = true;
  });
  try {
    while (!isOver) {
      screen.show(viewOf(await ask()));
      await Promise.race([over, new Promise<void>((done) => clock.after(everyMs, done))]);
    }
  } finally {
    screen.end();
  }
}

const screenFor = (out: TeachCommand['out'], size: TeachCommand['size']) =>
  size ? new TerminalScreen(out, size) : new TextScreen(out);

function viewOf(answer: unknown): TeachView {
  const parsed = teachView.safeParse(answer);
  if (!parsed.success) throw new UnknownForm();
  return parsed.data;
}

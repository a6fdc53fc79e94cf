// The terminal's end of `Asker`: Inquirer's prompts, one after the other, in 80 columns. Esc gives up what is
// asked, Ctrl-C ends the wizard; nothing else in the house knows the library.

import confirm from '@inquirer/confirm';
import input from '@inquirer/input';
import password from '@inquirer/password';
import select from '@inquirer/select';
import { type Asker, Back, type Choice, Stop, type TextQuestion } from './ask.ts';
import type { Words } from './words.ts';

/** Rows of a list that are shown at once: the rest of 25 is for what was said before. */
const pageSize = 12;

interface Context {
  readonly signal: AbortSignal;
}

export class Prompter implements Asker {
  readonly #say: (words: Words) => string;

  constructor(say: (words: Words) => string) {
    this.#say = say;
  }

  text({ message, initial = '', isOptional, isSecret, check }: TextQuestion): Promise<string> {
    const validate = (typed: string): true | string => {
      if (typed.trim() === '' && !isOptional) return this.#say(['is missing', '不能为空']);
      return check?.(typed) ?? true;
    };
    if (isSecret) return asked((context) => password({ message, mask: '*', validate }, context));
    const before = initial === '' ? {} : { default: initial, prefill: 'editable' as const };
    return asked((context) => input({ message, validate, ...before }, context));
  }

  choose<V>(message: string, choices: readonly Choice<V>[], initial?: V): Promise<V> {
    const isThere = choices.some(({ value }) => value === initial);
    const tip = this.#say(['arrows, Enter; Esc: give up', '方向键选择,回车确认,Esc 放弃']);
    const theme = { style: { keysHelpTip: () => `(${tip})` } };
    const given = { message, choices: [...choices], pageSize, loop: false, theme };
    return asked((context) =>
      select<V>(isThere && initial !== undefined ? { ...given, default: initial } : given, context),
    );
  }

  confirm(message: string, initial = true): Promise<boolean> {
    const transformer = (yes: boolean) => this.#say(yes ? ['yes', '是'] : ['no', '否']);
    return asked((context) => confirm({ message, default: initial, transformer }, context));
  }

  tell(text: string): void {
    process.stdout.write(`${text}\n`);
  }

  wait<T>(message: string, act: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.tell(`${message} ..`);
    return whileListening((signal, over) => Promise.race([act(signal), over]));
  }
}

/** One prompt, which Esc gives up. The library's own errors end here. */
async function asked<T>(prompt: (context: Context) => Promise<T>): Promise<T> {
  const given = new AbortController();
  const key = (_: string, { name }: { name?: string } = {}) => {
    if (name === 'escape') given.abort();
  };
  process.stdin.on('keypress', key);
  try {
    return await prompt({ signal: given.signal });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error.name === 'AbortPromptError') throw new Back();
    if (error.name === 'ExitPromptError') throw new Stop();
    throw error;
  } finally {
    process.stdin.off('keypress', key);
  }
}

/** Esc and Ctrl-C while nothing is asked. */
async function whileListening<T>(
  act: (signal: AbortSignal, over: Promise<never>) => Promise<T>,
): Promise<T> {
  const { stdin } = process;
  const given = new AbortController();
  const { promise: over, reject } = Promise.withResolvers<never>();
  const heard = (bytes: Buffer) => {
    const text = bytes.toString('latin1');
    if (text !== '\x1b' && !text.includes('\x03')) return;
    given.abort();
    reject(text === '\x1b' ? new Back() : new Stop());
  };
  const isTerminal = stdin.isTTY === true;
  if (isTerminal) stdin.setRawMode(true);
  stdin.on('data', heard);
  stdin.resume();
  try {
    return await act(given.signal, over);
  } finally {
    stdin.off('data', heard);
    stdin.pause();
    if (isTerminal) stdin.setRawMode(false);
  }
}

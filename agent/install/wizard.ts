// The wizard: one step after the other, each of which may be given up (Esc), gone back to, or skipped where
// the product works without it. After every answer all that was said so far is on disk, so Ctrl-C and a
// pulled plug cost nothing: the next time begins at the same step.

import { Refusal } from '../refusal.ts';
import { type Asker, Back, type Choice, Stop } from './ask.ts';
import { refuseDuringIncident } from './daemon.ts';
import type { Draft, Job, Step, StepId, World } from './draft.ts';
import { siteFrom } from './existing.ts';
import { forget, type Kept, keep, nothingKept, readKept } from './kept.ts';
import { brokerStep } from './steps/broker.ts';
import { buttonsStep } from './steps/buttons.ts';
import { clockStep } from './steps/clock.ts';
import { domeStep } from './steps/dome.ts';
import { identityStep } from './steps/identity.ts';
import { lampStep } from './steps/lamp.ts';
import { languageStep } from './steps/language.ts';
import { panelStep } from './steps/panel.ts';
import { soundStep } from './steps/sound.ts';
import { writeStep } from './steps/write.ts';
import { codes, type ExitCode, inWords, type Language, Trouble, type Words } from './words.ts';

export interface WizardOptions {
  readonly world: World;
  /** Its words follow the language that is answered. */
  readonly askerIn: (say: (words: Words) => string) => Asker;
  /** Before anybody has chosen. */
  readonly language: Language;
  readonly isDry: boolean;
}

/** Exit code. */
export async function wizard(options: WizardOptions): Promise<ExitCode> {
  const run = new Run(options);
  try {
    return await run.steps();
  } catch (error) {
    if (error instanceof Stop) return run.stopped();
    if (!(error instanceof Trouble)) throw error;
    run.tell(error.words);
    return error.code;
  }
}

class Run {
  readonly #options: WizardOptions;
  readonly #steps: readonly Step[];
  readonly #ask: Asker;
  #kept: Kept;

  constructor(options: WizardOptions) {
    const { world, language, isDry } = options;
    this.#options = options;
    this.#steps = [
      ...[languageStep, identityStep, brokerStep, buttonsStep, lampStep],
      ...[domeStep, soundStep, clockStep, panelStep, writeStep(isDry)],
    ];
    this.#kept = nothingKept(language, 'language');
    this.#ask = options.askerIn((words) => this.#say(words));
    this.#kept = readKept(world.file, world.clock.now().wallMs) ?? this.#kept;
  }

  async steps(): Promise<ExitCode> {
    const { world } = this.#options;
    await refuseDuringIncident(world.daemon.ask);
    if (this.#kept.savedMs > 0) this.tell(goesOn);
    else this.#save({ ...this.#kept, site: siteFrom(world) });
    let at = Math.max(
      0,
      this.#steps.findIndex(({ id }) => id === this.#kept.step),
    );
    for (let step = this.#steps[at]; step; step = this.#steps[at]) {
      this.#head(step, at);
      at = await this.#pass(step, at);
      this.#save({ ...this.#kept, step: this.#steps[at]?.id ?? 'write' });
    }
    if (!this.#options.isDry) forget(world.file);
    return codes.ok;
  }

  tell(words: Words): void {
    this.#ask.tell(this.#say(words));
  }

  stopped(): ExitCode {
    this.tell(kept);
    return codes.later;
  }

  #say(words: Words): string {
    return inWords(this.#kept.language, words);
  }

  #head(step: Step, at: number): void {
    const title = `[${at + 1}/${this.#steps.length}] ${this.#say(step.title)}`;
    this.#ask.tell(`\n== ${title} ==\n${this.#say(step.about)}`);
  }

  /** The step that comes next. */
  async #pass(step: Step, at: number): Promise<number> {
    const wasPassed = this.#kept.passed[step.id];
    const isMust = !step.maySkip && wasPassed === undefined;
    let what = isMust ? ('do' as const) : await this.#menu(step, at);
    for (;;) {
      if (what === 'stop') throw new Stop();
      if (typeof what === 'number') return what;
      if (what === 'keep') return at + 1;
      if (what === 'skip') {
        this.#save({ ...this.#kept, passed: { ...this.#kept.passed, [step.id]: 'skipped' } });
        return at + 1;
      }
      if (await this.#do(step)) return at + 1;
      what = await this.#menu(step, at);
    }
  }

  /** False where it was given up, or something first has to be put right. */
  async #do(step: Step): Promise<boolean> {
    const before = this.#draft();
    const job: Job = {
      ...{ ask: this.#ask, world: this.#options.world, say: (words) => this.#say(words) },
      keep: (draft) => this.#save({ ...this.#kept, ...draft, step: step.id }),
      giveUp: () => {
        throw new Back();
      },
    };
    try {
      const draft = await step.run(before, job);
      const passed = { ...this.#kept.passed, [step.id]: 'done' as const };
      this.#save({ ...this.#kept, ...draft, passed });
      return true;
    } catch (error) {
      if (error instanceof Back) return false;
      if (error instanceof Refusal) this.#ask.tell(`✗ ${error.message}`);
      else if (error instanceof Trouble) this.#ask.tell(`✗ ${this.#say(error.words)}`);
      else throw error;
      return false;
    }
  }

  #draft(): Draft {
    const { site, pendingKey, panelPin, language } = this.#kept;
    return { site, pendingKey, panelPin, language };
  }

  async #menu(step: Step, at: number): Promise<'do' | 'keep' | 'skip' | 'stop' | number> {
    const was = this.#kept.passed[step.id];
    const doing: Words = was === 'done' ? ['Do it again', '重新设置'] : ['Do it now', '现在设置'];
    const all: readonly (readonly [name: Words, value: MenuChoice, isThere: boolean])[] = [
      [['Keep it as it is', '保持不变'], 'keep', was === 'done'],
      [doing, 'do', true],
      [['Skip it', '跳过'], 'skip', step.maySkip && was !== 'done'],
      [['Back to an earlier step', '返回前面的步骤'], 'back', at > 0],
      [['Stop; the answers are kept', '退出(保留答案)'], 'stop', true],
    ];
    const choices = all.filter(([, , isThere]) => isThere);
    try {
      const what = await this.#ask.choose<MenuChoice>(
        this.#say(step.title),
        choices.map(([name, value]): Choice<MenuChoice> => ({ name: this.#say(name), value })),
      );
      return what === 'back' ? await this.#earlier(at) : what;
    } catch (error) {
      if (!(error instanceof Back)) throw error;
      return this.#menu(step, at);
    }
  }

  async #earlier(at: number): Promise<number> {
    const choices = this.#steps
      .slice(0, at)
      .map(({ title }, n) => ({ name: `${n + 1} ${this.#say(title)}`, value: n }));
    return this.#ask.choose(this.#say(['Back to', '返回到']), choices, at - 1);
  }

  /** Where a step does not belong to the kept ones any more it begins at the first. */
  #save(next: Kept): void {
    const { world, isDry } = this.#options;
    this.#kept = { ...next, step: next.step as StepId };
    if (!isDry) keep(world.file, this.#kept, world.clock.now().wallMs);
  }
}

type MenuChoice = 'do' | 'keep' | 'skip' | 'back' | 'stop';

const goesOn: Words = [
  'Going on where it was stopped; what was answered then is kept.',
  '从上次中断处继续,已答内容均已保留。',
];
const kept: Words = [
  'Stopped. The answers are kept for two weeks: gate-agent provision goes on from here.',
  '已退出。答案保留两周,再次运行 gate-agent provision 即可继续。',
];

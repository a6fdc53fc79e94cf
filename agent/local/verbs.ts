// What control.sock answers the panel: how the terminal is, without anything of a silent case; what somebody
// asks for, as a fact; a picture; the log and the configuration for a support bundle. Each costs the loop
// next to nothing, and no caller can ask for more than so much a minute.

import type * as z from 'zod';
import type { Config } from '../config.ts';
import { isSilent } from '../core/incident.ts';
import { outcomeOf } from '../core/outcome.ts';
import { type Outcome, Refused } from '../core/refused.ts';
import type { State } from '../core/state.ts';
import type { Log } from '../log.ts';
import type { Clock, Ids } from '../ports.ts';
import { Refusal } from '../refusal.ts';
import type { Terminal } from '../terminal.ts';
import { Picture } from './picture.ts';
import { localViewOf, type Self, type Viewed } from './view.ts';
import {
  type AskedAct,
  type LocalOutcome,
  localAsk,
  localLimits,
  logAsk,
  pictureAsk,
} from './words.ts';

/** Between two looks whether a test is over. */
const lookMs = 100;
/** A daemon that has just started is not restarted. */
const restartAfterS = 60;

export interface LocalDesk extends Viewed {
  readonly config: Config;
  readonly terminal: Pick<Terminal, 'state' | 'wanted' | 'emit'>;
  readonly ids: Pick<Ids, 'next'>;
}

export interface LocalOptions extends Self {
  readonly log: Pick<Log, 'recent'>;
  /** Ends the process, to be started anew by the service manager; default: SIGTERM to itself. */
  readonly restart?: () => void;
  /** Null: the terminal is not armed. */
  readonly desk: LocalDesk | null;
}

export function localVerbs(options: LocalOptions) {
  const { desk, log, clock } = options;
  const picture = new Picture({
    clock,
    url: () => desk?.terminal.state.live.streams.snapshot ?? null,
    login: desk && loginOf(desk.config),
  });
  const meter = new Meter(clock);
  return {
    'local.view': () => localViewOf(options, desk),
    'local.do': (args: unknown) => act(options, meter, parsed(localAsk, args)),
    'local.picture': (args: unknown) => picture.piece(parsed(pictureAsk, args)),
    'local.log': (args: unknown) => {
      const { from } = parsed(logAsk, args);
      const { lines, next } = log.recent(from, localLimits.pieceBytes);
      return { lines: desk ? lines.filter(tellable(desk.terminal.state)) : lines, next };
    },
    // Secrets say of themselves that they are none of anybody's.
    'local.config': () => desk?.config ?? null,
  } as const;
}

async function act(
  { desk, clock, restart = endMyself }: LocalOptions,
  meter: Meter,
  { user, duress, act }: z.infer<typeof localAsk>,
): Promise<LocalOutcome> {
  if (!meter.takes(act, duress))
    return { ok: false, reason: 'too-many', detail: 'too much is asked for; wait a minute' };
  if (act.do === 'restart' && process.uptime() < restartAfterS)
    return { ok: false, reason: 'busy', detail: 'it has started within the last minute' };
  if (desk) {
    const outcome = await outcomeAt(desk, clock, { user, duress, act });
    if (!outcome.ok || act.do !== 'restart') return outcome;
  } else if (act.do !== 'restart' && act.do !== 'sign-in' && act.do !== 'sign-out')
    return { ok: false, reason: 'failed', detail: 'there is no configuration' };
  // The answer goes first.
  if (act.do === 'restart') clock.after(lookMs, restart);
  return { ok: true, result: {} };
}

const endMyself = () => void process.kill(process.pid, 'SIGTERM');

/** Of what was stepped at once, or of a test when it is over. */
async function outcomeAt(
  { terminal, ids }: LocalDesk,
  clock: Clock,
  asked: z.infer<typeof localAsk>,
): Promise<LocalOutcome> {
  const id = ids.next();
  await new Promise<void>((stepped) =>
    terminal.emit({ kind: 'local.asked', id, ...asked }, stepped),
  );
  const endMs = clock.now().monoMs + localLimits.actMs;
  for (;;) {
    const outcome = outcomeOf(terminal.state.live, id);
    if (outcome) return told(outcome);
    if (clock.now().monoMs >= endMs)
      return { ok: false, reason: 'failed', detail: 'no result in time' };
    await new Promise<void>((done) => void clock.after(lookMs, done));
  }
}

const told = (outcome: Outcome): LocalOutcome =>
  outcome instanceof Refused
    ? { ok: false, reason: outcome.reason, detail: outcome.detail }
    : { ok: true, result: outcome };

/** A panel gone mad fills no disk. What is under duress always passes: it is an alarm, and alarms fold. */
class Meter {
  readonly #clock: Clock;
  #sinceMs = Number.NEGATIVE_INFINITY;
  #taken = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  takes({ do: what }: AskedAct, duress: boolean): boolean {
    const { monoMs } = this.#clock.now();
    if (monoMs - this.#sinceMs >= 60_000) {
      this.#sinceMs = monoMs;
      this.#taken = 0;
    }
    this.#taken += 1;
    const isAlarm = duress && what === 'sign-in';
    return isAlarm || this.#taken <= localLimits.actsAMinute;
  }
}

/** Whether a line of the log says nothing of a silent case. */
function tellable({ durable, live }: State): (line: string) => boolean {
  const cases = Object.values(durable.incidents).filter(isSilent);
  const buttons = Object.entries(live.setup.inputs).flatMap(([id, one]) =>
    one.role === 'button' && one.kind === 'silent' ? [id] : [],
  );
  const words = ['silent', 'duress', '@panel', ...cases.map(({ id }) => id)];
  const quoted = buttons.map((id) => JSON.stringify(id));
  return (line) => ![...words, ...quoted].some((word) => line.includes(word));
}

const loginOf = ({ dome }: Config) =>
  dome && {
    username: dome.username ?? '',
    password: dome.password?.reveal() ?? '',
    ca: dome.ca,
  };

function parsed<T>(shape: z.ZodType<T>, args: unknown): T {
  const read = shape.safeParse(args);
  if (read.success) return read.data;
  const fields = read.error.issues.map(({ path, message }) => ({
    ...{ field: path.join('.') || '(args)', value: null, hint: message },
  }));
  throw new Refusal(fields, 'local');
}

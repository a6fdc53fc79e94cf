// Presses of an acceptance: by a hand or simulated, followed from the edge to the platform's receipt; and
// those that are made while something is broken.

import type { Word } from '../../contract.ts';
import { type Figure, measured } from './certificate.ts';
import { type Context, type Finding, failed, passed } from './context.ts';
import { breakSMax } from './levers.ts';
import type { Began, Looked } from './wire.ts';
import { asIs, personWords } from './words.ts';

export type Button = Began['inputs'][number];
type Press = Looked['hops'][number];

/** A simulated press is down for so long. */
const pulseMs = 200;

/** The press that came, or why none did. */
export async function press(context: Context, button: Button): Promise<Press | Word> {
  const before = new Set((await context.look()).hops.map(({ incident }) => incident));
  const { person, times } = context;
  if (person) person.tell(personWords.press(button.name));
  else {
    const { ok, detail } = await context.do({ what: 'press', input: button.id });
    if (!ok) return asIs(detail);
  }
  const found = await context.until(async () => {
    const { hops } = await context.look();
    return hops.find(({ incident }) => !before.has(incident)) ?? null;
  }, times.handMs);
  if (!found) return ['60 秒内没有按下', 'nobody pressed it in time'];
  if (found.input === button.id) return found;
  return [`按下的是另一个按钮 ${found.input}`, `another button was pressed: ${found.input}`];
}

const isWord = (one: Press | Word): one is Word => Array.isArray(one);

/** As the terminal knows it now. */
async function followed(context: Context, { incident }: Press): Promise<Press | null> {
  const { hops } = await context.look();
  return hops.find((one) => one.incident === incident) ?? null;
}

/** Waits until the platform has it, or where none sends receipts, the broker. */
async function arrival(context: Context, one: Press, about: Began): Promise<Press | null> {
  return await context.until(async () => {
    const now = await followed(context, one);
    const has = about.receipts === 'platform' ? now?.receivedMs : now?.sentMs;
    return now && has !== null && has !== undefined ? now : null;
  }, context.times.arriveMs);
}

/** Ends whatever was pressed and nobody waits for. */
export async function endStrays(context: Context): Promise<void> {
  const { hops } = await context.look();
  for (const hop of hops) if (!hop.resolved) await resolve(context, hop);
}

export async function resolve(context: Context, { incident }: Press): Promise<void> {
  await context.do({ what: 'resolve', incident });
  await context.until(async () => {
    const { hops } = await context.look();
    return hops.find((one) => one.incident === incident)?.resolved === false ? null : true;
  }, context.times.arriveMs);
}

function figuresOf({ storedMs, sentMs, receivedMs }: Press): Figure[] {
  const hops = { stored: storedMs, sent: sentMs, received: receivedMs };
  return Object.entries(hops).flatMap(([what, ms]) => (ms === null ? [] : [measured(what, ms)]));
}

const notArrived: Word = [
  '平台没有发来回执',
  'no receipt of the platform: look at the line, and ask the platform',
];
const notStored: Word = ['没有及时写入磁盘', 'it was not on the disk at once'];

/** Every hop of one button. */
export async function checkPress(context: Context, button: Button, about: Began): Promise<Finding> {
  const one = await press(context, button);
  if (isWord(one)) return failed(one);
  const now = await arrival(context, one, about);
  const pulse = context.person ? [] : [measured('pulse', pulseMs)];
  const seen = now ?? (await followed(context, one)) ?? one;
  const figures = [...pulse, ...figuresOf(seen)];
  await resolve(context, one);
  if (!now) return failed(notArrived, figures);
  if (seen.storedMs === null) return failed(notStored, figures);
  return passed(['已登记、发出并收到回执', 'stored, sent, received'], figures);
}

/** The line is cut; what is pressed meanwhile is on the disk at once, and arrives after. */
export async function checkCut(context: Context, button: Button, about: Began): Promise<Finding> {
  const seconds = context.person ? breakSMax : context.times.cutS;
  await context.do({ what: 'cut', seconds });
  const isDown = async () => ((await context.look()).online ? null : true);
  const down = await context.until(isDown, seconds * 1000);
  if (!down) return failed(['未能断开链路', 'the line did not go down']);
  const one = await press(context, button);
  if (isWord(one)) return failed(one);
  const early = (await followed(context, one)) ?? one;
  const now = await arrival(context, one, about);
  const seen = now ?? early;
  await resolve(context, one);
  const figures = seen.storedMs === null ? [] : [measured('stored', seen.storedMs)];
  if (early.receivedMs !== null)
    return failed(['按下时链路已恢复', 'the line was back before it was pressed: try again']);
  if (early.storedMs === null) return failed(notStored, figures);
  if (!now) return failed(notArrived, figures);
  return now.presses === 1
    ? passed(['断网时已登记,恢复后送达一次', 'stored while cut, arrived once after'], figures)
    : failed([`到达 ${now.presses} 次`, `it counts ${now.presses} times`], figures);
}

/** The dome is gone; a press does not wait for it. */
export async function checkPulled(
  context: Context,
  button: Button,
  about: Began,
): Promise<Finding> {
  const { person, times } = context;
  const fromMs = context.nowMs;
  if (person) person.tell(personWords.pull);
  else await context.do({ what: 'pull', seconds: times.pullS });
  // Wanted while it is away, it is looked at now and not at the next poll.
  if (!person) await context.do({ what: 'test', part: 'strobe' });
  const isLost = (is: boolean) => async () =>
    (await context.look()).faults.includes('dome.lost') === is ? true : null;
  const lost = await context.until(isLost(true), person ? times.handMs : times.pullS * 1000);
  if (!lost) return failed(['断开后没有报故障', 'no fault told that it was gone']);
  const lostMs = context.nowMs - fromMs;
  const one = await press(context, button);
  if (isWord(one)) return failed(one);
  const now = await arrival(context, one, about);
  const figures = figuresOf(now ?? one);
  await resolve(context, one);
  if (!now) return failed(notArrived, figures);
  person?.tell(personWords.plug);
  const cameBack = await context.until(isLost(false), person ? times.handMs : times.arriveMs);
  const told = person ? [] : [measured('lost', lostMs)];
  return cameBack
    ? passed(
        ['报警未受影响,球机已恢复', 'the alarm did not mind, and the dome is back'],
        [...figures, ...told],
      )
    : failed(['球机没有恢复', 'the dome did not come back'], figures);
}

/** The daemon ends with a press that nobody has yet; it arrives once, and service mode is over. */
export async function checkRestart(
  context: Context,
  button: Button,
  about: Began,
): Promise<Finding> {
  const { person, times } = context;
  const before = await context.look();
  await context.do({ what: 'cut', seconds: person ? breakSMax : times.restartCutS });
  const one = await press(context, button);
  if (isWord(one)) return failed(one);
  const early = (await followed(context, one)) ?? one;
  if (early.storedMs === null) return failed(notStored);
  await context.do({ what: 'restart' });
  const again = await context.until(async () => {
    const now = await lookOrNull(context);
    return now && now.startedMs !== before.startedMs ? now : null;
  }, times.arriveMs);
  if (!again)
    return failed([
      '守护进程没有自动恢复:请检查 systemd 服务',
      'the daemon did not come back by itself: look at its unit (systemctl status gate-agent)',
    ]);
  if (again.window)
    return failed(['重启后检修模式仍在', 'service mode outlived the restart: it must not']);
  const now = await arrival(context, one, about);
  await resolve(context, one);
  await context.begin();
  if (!now) return failed(notArrived);
  return now.presses === 1
    ? passed(['重启前的报警送达一次', 'what was pressed before arrived once'])
    : failed([`到达 ${now.presses} 次`, `it counts ${now.presses} times`]);
}

/** Null while the daemon is away. */
async function lookOrNull(context: Context): Promise<Looked | null> {
  try {
    return await context.look();
  } catch (error) {
    if (error instanceof Error && error.name === 'ControlFailed') return null;
    throw error;
  }
}

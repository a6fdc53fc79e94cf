// The checks of an acceptance, in order: first what is measured by itself, then the presses, then what is
// seen and heard, last what is broken on purpose.

import { isBrighter, type Picture, showsRedAndBlue } from '../../dome/probe/pictures.ts';
import type { PartName } from '../../patrol/names.ts';
import { measured } from './certificate.ts';
import { type Context, type Finding, failed, passed } from './context.ts';
import { type Button, checkCut, checkPress, checkPulled, checkRestart } from './presses.ts';
import type { Began, Done } from './wire.ts';
import { asIs, type CheckName, personWords } from './words.ts';

export interface Check {
  readonly name: CheckName;
  /** Which of several. */
  readonly of: string | null;
  run(context: Context, about: Began): Promise<Finding>;
}

const looks = { before: 4, after: 9 } as const;
const lampMs = 15_000;
const parts: readonly (readonly [CheckName, PartName])[] = [
  ['clock', 'clock'],
  ['store', 'store'],
  ['space', 'space'],
  ['key', 'key'],
  ['chain', 'chain'],
  ['certificate', 'certificate'],
  ['broker', 'broker'],
];
const figureOf: { readonly [C in CheckName]?: string } = { store: 'row', broker: 'puback' };

/** For these buttons. */
export function checksFor({ inputs, dome }: Began): readonly Check[] {
  const one = (name: CheckName, run: Check['run']): Check => ({ name, of: null, run });
  const press = inputs.map((button): Check => {
    const run: Check['run'] = (context, about) => checkPress(context, button, about);
    return { name: 'press', of: button.name, run };
  });
  const [first] = inputs;
  const withPress = (
    name: CheckName,
    run: (context: Context, button: Button, about: Began) => Promise<Finding>,
  ): Check =>
    one(name, async (context, about) =>
      first ? run(context, first, about) : failed(['没有按钮', 'no button is configured']),
    );
  return [
    ...parts.map(([name, part]) => one(name, (context) => checkPart(context, name, part))),
    one('lamp', checkLamp),
    ...press,
    one('dome', (context, about) => (about.dome ? checkPart(context, 'dome', 'dome') : none())),
    one('live', async (context) => findingOf(await context.do({ what: 'live' }))),
    one('strobe', (context) => checkLight(context, 'strobe')),
    one('siren', (context) => checkLight(context, 'siren')),
    one('range', async (context) => findingOf(await context.do({ what: 'range' }))),
    one('talk', checkTalk),
    withPress('cut', checkCut),
    ...(dome ? [withPress('pulled', checkPulled)] : [one('pulled', none)]),
    withPress('restart', checkRestart),
  ];
}

const none = async (): Promise<Finding> => ({
  ...{ result: 'absent', detail: ['未配置', 'none is configured'] },
});

function findingOf({ ok, detail, absent }: Done): Finding {
  if (absent) return { result: 'absent', detail: asIs(detail) };
  return ok ? passed(asIs(detail)) : failed(asIs(detail));
}

async function checkPart(context: Context, name: CheckName, part: PartName): Promise<Finding> {
  const done = await context.do({ what: 'part', part });
  const figure = figureOf[name];
  const figures = figure && done.ms !== undefined ? [measured(figure, done.ms)] : [];
  return { ...findingOf(done), figures };
}

/** Once more where it was not heard: somebody may have slammed a door. */
async function checkTalk(context: Context): Promise<Finding> {
  const first = await context.do({ what: 'loop' });
  return findingOf(first.ok || first.absent ? first : await context.do({ what: 'loop' }));
}

async function checkLamp(context: Context, { lamp }: Began): Promise<Finding> {
  if (!lamp) return none();
  // It says of the last press how that has ended, for a while.
  const shown = await context.until(async () => {
    const tried = await context.do({ what: 'test', part: 'lamp' });
    return tried.detail.includes('is needed') ? null : tried;
  }, lampMs);
  const done = shown ?? { ok: false, detail: 'it shows an alarm all the time' };
  if (!done.ok || !context.person) return findingOf(done);
  return answered(await context.person.ask(personWords.lamp));
}

const answered = (yes: boolean | null): Finding =>
  yes
    ? passed(['现场确认', 'a person has seen it'])
    : failed(
        yes === null
          ? ['无人回答', 'nobody answered']
          : ['现场人员没有看到或听到', 'the person there saw or heard nothing'],
      );

const pictureOf = (base64: string): Picture => new Uint8Array(Buffer.from(base64, 'base64'));

/** What a machine sees goes before what a person says, and nobody's yes is the driver's alone. */
async function checkLight(context: Context, part: 'strobe' | 'siren'): Promise<Finding> {
  const isSeen = part === 'strobe';
  const taken = async (count: number) => {
    const { pictures = [] } = await context.do({ what: 'pictures', count });
    return pictures.map(pictureOf);
  };
  const before = isSeen ? await taken(looks.before) : [];
  const [done, after] = await Promise.all([
    context.do({ what: 'test', part }),
    isSeen ? taken(looks.after) : [],
  ]);
  if (!done.ok) return findingOf(done);
  if (showsRedAndBlue(before, after))
    return passed(['抓拍中可见红蓝变化', 'red and blue are seen in the dome’s pictures']);
  if (isBrighter(before, after)) return passed(['抓拍变亮', 'the dome’s pictures became brighter']);
  if (context.person) return answered(await context.person.ask(personWords[part]));
  return done.detail.includes('read back')
    ? passed(asIs(done.detail))
    : failed(['已切换,但无人在场确认', 'it was switched, and nobody was there to see or hear it']);
}

// The guard's lamp and buzzer: carried by the button box, or on lines of this PC, which are chosen here. All
// colours are shown, and a person says whether they were seen.

import { lineName } from '../../teach/rows.ts';
import { placeOf } from '../../teach/suggest.ts';
import { type LineView, type TeachView, teachView } from '../../teach/view.ts';
import { statusOf } from '../daemon.ts';
import type { Draft, Job, Step } from '../draft.ts';
import { showLamp } from '../lamp-show.ts';
import { put, type Site, valueAt } from '../site.ts';
import type { Words } from '../words.ts';

export const lampStep: Step = {
  id: 'lamp',
  title: ["The guard's lamp", '门卫指示灯'],
  about: [
    'All colours and the buzzer for four seconds: look and listen.',
    '所有颜色和蜂鸣器各显示四秒,请留意。',
  ],
  maySkip: true,
  async run(draft, job) {
    const { ask, say, world } = job;
    const hasBox = valueAt(draft.site, 'boxes') !== null;
    const message = say([
      'Is a lamp or buzzer wired to lines of this PC?',
      '本机线路上接有指示灯或蜂鸣器吗?',
    ]);
    const isOnLines = await ask.confirm(message, !hasBox);
    const next = isOnLines ? await chooseLines(draft, job) : draft;
    job.keep(next);
    const status = await statusOf(world.daemon.ask);
    return status?.armed ? seenAsItIs(next, job) : show(next, job);
  },
};

/** The daemon has the lamp: it shows the terminal's state all the time. */
async function seenAsItIs(draft: Draft, { ask, say }: Job): Promise<Draft> {
  await ask.confirm(
    say([
      'The running daemon has the lamp: it shows its state now. Is it lit?',
      '指示灯由运行中的守护进程控制,现在亮着吗?',
    ]),
  );
  return draft;
}

async function show(draft: Draft, job: Job): Promise<Draft> {
  const { ask, say, world } = job;
  const { lamps, troubles } = await ask.wait(say(showing), () => showLamp(draft.site, world.clock));
  if (lamps === 0) {
    ask.tell(say(['No lamp is configured.', '未配置指示灯。']));
    return draft;
  }
  for (const trouble of troubles) ask.tell(`✗ ${trouble}`);
  const isSeen = await ask.confirm(
    say(['Did all colours light, and the buzzer sound?', '所有颜色都亮了、蜂鸣器响了吗?']),
    troubles.length === 0,
  );
  if (isSeen) return draft;
  const isAgain = await ask.confirm(say(['Show it again?', '再显示一次?']));
  return isAgain ? show(draft, job) : draft;
}

const showing: Words = ['Look at the lamp', '请看指示灯'];

const outputs: readonly { readonly field: string; readonly name: Words }[] = [
  { field: 'lamp.red', name: ['Red lamp', '红灯'] },
  { field: 'lamp.amber', name: ['Amber lamp', '黄灯'] },
  { field: 'lamp.green', name: ['Green lamp', '绿灯'] },
  { field: 'buzzer', name: ['Buzzer', '蜂鸣器'] },
];

async function chooseLines(draft: Draft, { ask, say, world, keep }: Job): Promise<Draft> {
  const view = teachView.parse(await world.daemon.ask('teach.look'));
  const free = view.lines.filter(({ state }) => state === 'watched' || state === 'waiting');
  if (free.length === 0) {
    ask.tell(say(['This PC has no free GPIO line.', '本机没有可用的 GPIO 线路。']));
    return draft;
  }
  let next = draft;
  for (const { field, name } of outputs) {
    const line = await ask.choose<LineView | null>(say(name), [
      { name: say(['none', '无']), value: null },
      ...free.map((value) => ({ name: lineName(value), value })),
    ]);
    next = { ...next, site: withLine(next.site, `gpio.outputs.${field}`, line, view) };
    keep(next);
  }
  return next;
}

function withLine(site: Site, field: string, line: LineView | null, view: TeachView): Site {
  if (!line) return put(site, field, null);
  const {
    line: name,
    chip,
    offset,
  } = { line: null, chip: null, offset: null, ...placeOf(line, view) };
  return put(
    site,
    field,
    name === null ? { chip: `${chip}`, offset: `${offset}` } : { line: name },
  );
}

// Teach-in: the daemon watches every free line and port, somebody presses, and the place of the press goes
// into the configuration. Asked over control.sock, as `button teach` does it.

import { inputRoles } from '../../core/setup.ts';
import { kinds } from '../../core/state.ts';
import { Looks, type Result } from '../../teach/looks.ts';
import { placeText } from '../../teach/rows.ts';
import { teachView } from '../../teach/view.ts';
import { Back } from '../ask.ts';
import { addInput, inputIds, inputsIn, isWired } from '../buttons.ts';
import { statusOf } from '../daemon.ts';
import type { Draft, Job, Step } from '../draft.ts';
import type { Site } from '../site.ts';
import { codes, Trouble, type Words } from '../words.ts';

const lookEveryMs = 150;

export const buttonsStep: Step = {
  id: 'buttons',
  title: ['Buttons', '报警按钮'],
  about: [
    'Each button is pressed once, and the terminal finds where it is wired.',
    '逐个按下按钮,终端会自动找到它接在哪里。',
  ],
  maySkip: false,
  async run(draft, job) {
    const { ask, say } = job;
    const status = await statusOf(job.world.daemon.ask);
    if (!status) throw new Trouble(codes.unavailable, notRunning);
    if (status.armed) ask.tell(`! ${say(armed)}`);
    let next = draft;
    for (;;) {
      const rows = inputsIn(next.site).map(({ id, name, place }) => `  ${name} (${id}): ${place}`);
      if (rows.length > 0) ask.tell(rows.join('\n'));
      const hasButton = inputsIn(next.site).some(({ isButton }) => isButton);
      if (rows.length > 0) {
        const message = say(['Another one?', '还有其他按钮吗?']);
        if (!(await ask.confirm(message, !hasButton)) && hasButton) return next;
      }
      next = await teachOne(next, job);
      job.keep(next);
    }
  },
};

const notRunning: Words = [
  'The daemon does not run, and it is what watches the lines: systemctl start gate-agent, then again.',
  '守护进程未运行,无法监听线路:请执行 systemctl start gate-agent 后重试。',
];
const armed: Words = [
  'This terminal is armed: a button that it knows already raises a real alarm. Press new ones only.',
  '终端已布防:已配置的按钮会真的报警,请只按新按钮。',
];
const pressNow: Words = [
  'Press the button now, and let go (Esc: give up)',
  '请按一下按钮再松开(Esc 放弃)',
];

async function teachOne(draft: Draft, job: Job): Promise<Draft> {
  const { ask, say } = job;
  const found = await ask.wait(say(pressNow), (signal) => pressIn(draft.site, job, signal));
  ask.tell(`✓ ${placeText(found.found)}`);
  const role = await ask.choose<(typeof inputRoles)[number]>(
    say(['What is it?', '它是什么?']),
    inputRoles.map((value) => ({ name: say(roleWords[value]), value })),
  );
  const kind =
    role === 'button'
      ? await ask.choose<(typeof kinds)[number]>(
          say(['What does a press mean?', '按下表示什么?']),
          kinds.map((value) => ({ name: say(kindWords[value]), value })),
        )
      : null;
  const name = await ask.text({
    message: say(['What do people call it?', '名称']),
    initial: `${say(roleWords[role])} ${inputsIn(draft.site).length + 1}`,
    check: (typed) =>
      typed.trim().length >= 1 && typed.trim().length <= 64
        ? null
        : say(['1 to 64 characters', '1 至 64 个字']),
  });
  const input = { id: freeId(draft.site, role), name: name.trim(), role, kind };
  return { ...draft, site: addInput(draft.site, found, input) };
}

function freeId(site: Site, role: string): string {
  const taken = inputIds(site);
  let n = 1;
  while (taken.has(`${role}-${n}`)) n += 1;
  return `${role}-${n}`;
}

/** The first press at a place that is not in the site yet. */
async function pressIn(site: Site, { world }: Job, signal: AbortSignal): Promise<Result> {
  const looks = new Looks();
  for (;;) {
    const { daemon, ports } = world;
    const args = ports.length > 0 ? { ports } : {};
    const view = teachView.parse(await daemon.ask('teach.look', args));
    const isNew = ({ found, suggestion }: Result) =>
      found.signal !== null && suggestion !== null && !isWired(site, suggestion);
    const pressed = looks.results(view).find(isNew);
    if (pressed) return pressed;
    if (signal.aborted) throw new Back();
    await new Promise<void>((done) => world.clock.after(lookEveryMs, done));
  }
}

const roleWords: { readonly [role in (typeof inputRoles)[number]]: Words } = {
  button: ['Alarm button', '报警按钮'],
  'false-alarm': ['False-alarm key', '误报钥匙'],
  'local-reset': ['Local reset key', '复位钥匙'],
  mains: ['Mains contact', '市电触点'],
  battery: ['Battery contact', '电池触点'],
  'cabinet-door': ['Cabinet door', '机箱门'],
};
const kindWords: { readonly [kind in (typeof kinds)[number]]: Words } = {
  emergency: ['Emergency', '紧急报警'],
  silent: ['Silent alarm', '静默报警'],
  medical: ['Medical', '医疗求助'],
  fire: ['Fire', '火警'],
  test: ['Test', '测试'],
};

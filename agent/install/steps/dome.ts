// The dome over the gate: found on the network or typed, its password tried once, its light, siren and
// presets tried one by one while somebody looks.

import type { Credentials } from '../../digest.ts';
import { typedAddress } from '../../dome/discover/addresses.ts';
import type { Found } from '../../dome/discover/discover.ts';
import { questionText } from '../../dome/person.ts';
import type { Place } from '../../dome/probe/names.ts';
import type { PlaceAnswer, PlaceName, Witness } from '../../dome/probe/witness.ts';
import { Refusal } from '../../refusal.ts';
import { type At, findDomes, learnDome, logIn, reachDome } from '../dome.ts';
import type { Draft, Job, Step } from '../draft.ts';
import { textAt } from '../site.ts';
import { Trouble, type Words } from '../words.ts';

export const domeStep: Step = {
  id: 'dome',
  title: ['Dome', '球机'],
  about: [
    'Found on the network; then its light, siren and presets are tried while you look at it.',
    '在网络中查找球机,然后逐项试验警示灯、警笛和预置位,请在旁观察。',
  ],
  maySkip: true,
  async run(draft, job) {
    const at = await where(draft, job);
    const credentials = await login(draft, at, job);
    return probeWith(draft, { at, credentials }, job);
  },
};

async function where(draft: Draft, job: Job): Promise<At> {
  const { ask, say, world } = job;
  const address = await chooseDome(draft, job);
  try {
    const at = await reachDome(address, world.clock, (shown, trouble) => {
      ask.tell(`! ${say(trouble)}\n  SHA-256 ${shown.fingerprint}`);
      return ask.confirm(say(['Is it the dome’s? Trust it?', '这是球机的证书吗?信任它?']), false);
    });
    if (at.clockWords) ask.tell(`! ${say(at.clockWords)}`);
    return at;
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    ask.tell(`✗ ${say(error.words)}`);
    return where(draft, job);
  }
}

async function chooseDome(draft: Draft, { ask, say, world }: Job): Promise<string> {
  const found = await ask.wait(say(['Looking for domes', '正在查找球机']), () =>
    findDomes(world.clock),
  );
  if (found.length === 0) ask.tell(say(noDome));
  const typed = Symbol('typed');
  const which = await ask.choose<string | symbol>(say(['Which dome?', '哪一台球机?']), [
    ...found.map((one) => ({ name: nameOf(one), value: one.url })),
    { name: say(['Type its address', '手工输入地址']), value: typed },
  ]);
  if (typeof which === 'string') return which;
  const address = await ask.text({
    message: say(['Address of the dome', '球机地址']),
    initial: textAt(draft.site, 'dome.url') ?? '',
    check: (text) => addressHint(text.trim(), say),
  });
  return address.trim();
}

const noDome: Words = [
  'No dome answers on this network: check its power and cable, and that ONVIF is on in its web page.',
  '网络中没有球机应答:请检查电源和网线,并在球机网页中启用 ONVIF。',
];
const nameOf = ({ url, make, model, title }: Found): string =>
  `${new URL(url).host}  ${[make ?? title, model].filter(Boolean).join(' ')}`;

function addressHint(text: string, say: Job['say']): string | null {
  try {
    typedAddress(text);
    return text === '' ? say(['such as 192.168.1.64', '例如 192.168.1.64']) : null;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return say(['such as 192.168.1.64 or http://192.168.1.64', '例如 192.168.1.64']);
  }
}

/** Each password that is typed is tried once. */
async function login(draft: Draft, at: At, job: Job): Promise<Credentials> {
  const { ask, say, world } = job;
  const username = await ask.text({
    message: say(['User of the dome', '球机用户名']),
    initial: textAt(draft.site, 'dome.username') ?? '',
    check: (typed) => (typed.trim() === '' ? say(['is missing', '不能为空']) : null),
  });
  const password = await ask.text({ message: say(['Password', '密码']), isSecret: true });
  const credentials = { username: username.trim(), password };
  try {
    await ask.wait(say(['Logging in, once', '正在登录(仅一次)']), () =>
      logIn(at, credentials, world.clock),
    );
    return credentials;
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    ask.tell(`✗ ${say(error.words)}`);
    return login(draft, at, job);
  }
}

async function probeWith(
  draft: Draft,
  { at, credentials }: { readonly at: At; readonly credentials: Credentials },
  job: Job,
): Promise<Draft> {
  const { ask, say, world } = job;
  const { site, isDark } = await learnDome(draft.site, at, credentials, {
    ...{ clock: world.clock, profiles: world.profiles, witness: witnessOf(job) },
    ...{ by: 'gate-agent provision, with a person', asksOnly: false },
    told: (text) => ask.tell(text.trimEnd()),
  });
  if (isDark) ask.tell(`! ${say(dark)}`);
  return { ...draft, site };
}

const dark: Words = [
  'No way to light its strobe was found: wire it to a relay of the dome or of this PC (gpio.strobe).',
  '没有找到点亮警示灯的方式:请接到球机或本机的继电器(gpio.strobe)。',
];

/** Whoever answers the wizard looks at the dome, too. */
function witnessOf({ ask, say }: Job): Witness {
  const places: { readonly [what in PlaceName]: Words } = {
    guard: ['Where does it rest when nothing happens?', '平时看哪里(守望位)?'],
    alarm: ['Which one looks at the gate, for an alarm?', '报警时哪个预置位对准大门?'],
  };
  const right: { readonly [what in PlaceName]: Words } = {
    guard: ['Shall it look there when nothing happens?', '平时看这里对吗?'],
    alarm: ['Does it look at the gate now?', '现在是否对准大门?'],
  };
  return {
    isPerson: true,
    ask: async (question) => {
      const message = questionText(question)
        .replace(/\s*\[y\/n\]\s*$/, '')
        .replace(/\n\s*/, ': ');
      return { yes: await ask.confirm(message), person: true };
    },
    place: ({ what, places: all, suggested }) =>
      ask.choose<PlaceAnswer>(
        say(places[what]),
        [
          ...all.map((value) => ({ name: placeName(value), value })),
          {
            name: say(['Store where it looks now', '把当前画面存为预置位']),
            value: 'here' as const,
          },
          { name: say(['None', '没有']), value: null },
        ],
        suggested,
      ),
    looks: (what, place, arrived) => {
      const there: Words =
        arrived === false ? [' (it did not get there)', '(球机未到位)'] : ['', ''];
      return ask.confirm(`${placeName(place)}${say(there)}: ${say(right[what])}`);
    },
    walk: (seconds) =>
      ask.tell(
        say([
          `Walk past before the dome now, within ${seconds} s.`,
          `请在 ${seconds} 秒内从球机前走过。`,
        ]),
      ),
  };
}

const placeName = ({ token, name }: Place): string => (name ? `${name} (${token})` : token);

// The page's words in both languages; those of the lamp come with what it shows.

export type Language = 'zh' | 'en';

const texts = {
  title: ['演练室', 'Rehearsal room'],
  other: ['English', '中文'],
  gate: ['校门', 'The gate'],
  guard: ['值班室', 'Gate room'],
  desk: ['接警台', 'Dispatcher'],
  room: ['门卫室', 'Gate room'],
  caller: ['接警员', 'Dispatcher'],
  agentDown: ['终端程序未运行', 'the agent is not running'],
  brokerDown: ['消息服务器未运行', 'the broker is not running'],
  allRuns: ['全部运行中', 'everything runs'],
  strobe: ['红蓝警示灯', 'strobe'],
  siren: ['警笛', 'siren'],
  on: ['开', 'on'],
  off: ['关', 'off'],
  preset: ['预置位', 'preset'],
  linkDown: ['网络中断', 'link down'],
  fault: ['故障', 'fault'],
  lineUp: ['已连接', 'connected'],
  lineDown: ['连接中断,正在重连', 'no line; connecting again'],
  terminalGone: ['终端离线', 'the terminal is gone'],
  noIncident: ['没有警情', 'no open case'],
  take: ['接警', 'Take'],
  resolve: ['解除', 'Resolve'],
  strobeOff: ['关警示灯', 'Strobe off'],
  sirenOff: ['关警笛', 'Siren off'],
  picture: ['画面', 'Picture'],
  soundOn: ['听现场声音', 'Hear the gate'],
  soundOff: ['关现场声音', 'Gate’s sound off'],
  soundPlays: ['正在播放现场声音', 'the gate’s sound is on'],
  soundQuiet: ['现场声音未打开', 'the gate’s sound is off'],
  soundHeld: [
    '麦克风打开时不放现场声音,以免回声',
    'the gate is silent while your microphone is open',
  ],
  soundNone: ['没有现场声音', 'no sound comes from the gate'],
  answer: ['通话', 'Talk'],
  hangUp: ['结束通话', 'End call'],
  mute: ['静音', 'Mute'],
  unmute: ['取消静音', 'Open microphone'],
  floor: ['发言', 'Floor'],
  calling: ['正在接通', 'calling'],
  connected: ['已接通', 'connected'],
  again: ['中断,正在重连', 'lost; calling again'],
  over: ['已结束', 'over'],
  snapshots: ['网络受限,显示抓拍画面', 'poor line: snapshots over the call'],
  frozen: ['没有新画面', 'no new frames'],
  none: ['未打开', 'not open'],
  microphoneAsking: ['请允许使用麦克风', 'please allow the microphone'],
  microphoneDenied: ['麦克风被禁用,只能收听', 'the microphone is forbidden: you hear, unheard'],
  microphoneMissing: ['没有麦克风,只能收听', 'no microphone: you hear, unheard'],
  microphoneBusy: ['麦克风打不开,只能收听', 'the microphone does not open: you hear, unheard'],
  muted: ['已静音', 'muted'],
  stick: ['云台', 'Stick'],
  mine: ['由我控制', 'is mine'],
  free: ['空闲', 'free'],
  takeStick: ['接管云台', 'Take stick'],
  giveStick: ['释放云台', 'Give back'],
  left: ['向左', 'Left'],
  right: ['向右', 'Right'],
  up: ['向上', 'Up'],
  down: ['向下', 'Down'],
  closer: ['拉近', 'Closer'],
  wider: ['拉远', 'Wider'],
  home: ['复位', 'Home'],
  wiper: ['雨刷', 'Wiper'],
  otherFloor: ['发言权在', 'has the floor:'],
  unstored: ['未登记', 'not stored'],
  stored: ['已登记', 'stored'],
  sent: ['已发出', 'sent'],
  received: ['平台已收到', 'received'],
  seen: ['警方已看到', 'seen'],
  taken: ['已接警', 'taken'],
  talking: ['正在通话', 'talking'],
  resolved: ['已解除', 'resolved'],
  emergency: ['紧急报警', 'emergency'],
  silent: ['静默报警', 'silent'],
  medical: ['医疗求助', 'medical'],
  fire: ['火警', 'fire'],
  test: ['测试', 'test'],
  drill: ['演练', 'drill'],
  service: ['检修', 'service mode'],
  endWindow: ['结束演练或检修', 'End drill or service'],
  startDrill: ['开始演练', 'Start a drill'],
  makeReal: ['转为真实警情', 'Make it real'],
  'false-alarm': ['误报', 'false alarm'],
  'local-reset': ['本地复位', 'local reset'],
} as const satisfies { [key: string]: readonly [zh: string, en: string] };

export type Text = keyof typeof texts;

const kept = 'rehearsal-language';
const kind = (): Language => {
  const chosen = localStorage.getItem(kept);
  if (chosen === 'zh' || chosen === 'en') return chosen;
  return navigator.language.startsWith('zh') ? 'zh' : 'en';
};

let language: Language = kind();

export const languageNow = (): Language => language;

/** A word in the language that is chosen. */
export const t = (text: Text): string => texts[text][language === 'zh' ? 0 : 1];

export const isText = (word: string): word is Text => Object.hasOwn(texts, word);

/** The other language from now on. */
export function switchLanguage(): void {
  language = language === 'zh' ? 'en' : 'zh';
  localStorage.setItem(kept, language);
}

/** Words that stand in the page itself. */
export function writeTexts(): void {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  for (const element of document.querySelectorAll<HTMLElement>('[data-t]')) {
    const word = element.dataset.t ?? '';
    if (isText(word)) element.textContent = t(word);
  }
}

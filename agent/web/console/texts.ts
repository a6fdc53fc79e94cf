// The console's words, Chinese and English; the ladder's, kinds' and marks' are the report's, too.

import { signal } from '@preact/signals';
import { kindWords, ladderWords, markWords } from '../../contract.ts';
import { keep, kept } from './desk/kept.ts';

export type Language = 'zh' | 'en';

const texts = {
  title: ['校园一键报警接警台', 'School alarm desk'],
  otherLanguage: ['English', '中文'],
  alarms: ['警情', 'Alarms'],
  caseInHand: ['当前警情', 'Case in hand'],
  terminals: ['报警终端', 'Terminals'],
  past: ['历史警情', 'Past cases'],
  // The ladder.
  unstored: ['未登记', 'not stored'],
  ...ladderWords,
  undelivered: ['报警未送达', 'not delivered'],
  // Kinds and marks.
  ...{ ...kindWords, ...markWords },
  markSays: ['不派警', 'dispatch nobody'],
  makeReal: ['转为真实警情', 'Make it real'],
  'made-real': ['已转为真实警情', 'made real'],
  windowOpen: ['时段内', 'until'],
  asked: ['由接警员', 'by a dispatcher'],
  held: ['长按按钮', 'the button was held'],
  'pressed-thrice': ['连按三次', 'pressed three times'],
  silentWarning: ['静默:切勿让现场察觉', 'Silent: nothing must show or sound on site'],
  // Line, sound, login.
  lineUp: ['线路正常', 'Line up'],
  lineDown: ['线路中断,正在重连', 'Line lost, reconnecting'],
  lineStale: ['以下为中断前的信息', 'what is shown is from before'],
  soundOn: ['声音已开', 'Sound on'],
  soundOff: ['声音未开:请点击任意处一次', 'Sound is off: click once anywhere to switch it on'],
  soundMissing: ['本机无法发声', 'this machine cannot make a sound'],
  login: ['登录', 'Log in'],
  logout: ['退出', 'Log out'],
  user: ['用户名', 'User'],
  password: ['密码', 'Password'],
  loginWrong: ['用户名或密码错误', 'User or password is wrong'],
  loginTooMany: ['错误次数过多,请一分钟后再试', 'Wrong too often: wait a minute'],
  loginUnreachable: ['登录服务器没有应答', 'The login address does not answer'],
  loginEnded: ['登录已失效,请重新登录', 'the login has ended; please log in again'],
  connecting: ['正在连接', 'Connecting'],
  configWrong: ['配置有误', 'The configuration is wrong'],
  themeDark: ['深色', 'Dark'],
  themeLight: ['浅色', 'Light'],
  themeAuto: ['随系统', 'System'],
  theme: ['主题', 'Theme'],
  // The case.
  noCase: ['当前没有警情', 'No open case'],
  noCaseSays: ['有新警情时会自动弹出并响铃。', 'A new alarm comes up by itself, with sound.'],
  waiting: ['待接', 'waiting'],
  openCases: ['起未结', 'open'],
  sincePress: ['报警至今', 'since the press'],
  since: ['已', 'for'],
  presses: ['次按下', 'presses'],
  address: ['地址', 'Address'],
  gate: ['校门', 'Gate'],
  gateRoom: ['门卫室', 'Gate room'],
  gateRoomPhone: ['门卫室电话', 'Gate-room phone'],
  contacts: ['联系人', 'Contacts'],
  jurisdiction: ['辖区', 'Jurisdiction'],
  division: ['行政区划', 'Division'],
  position: ['位置', 'Position'],
  terminal: ['终端', 'Terminal'],
  button: ['按钮', 'Button'],
  clockUnknown: ['终端时钟未校准', 'the terminal’s clock is not kept'],
  claim: ['误报(待确认)', 'False alarm (claim)'],
  claimSays: ['门卫报告为误报,由接警员判断', 'the guard says so; you decide'],
  offlineCase: ['终端离线:请拨打门卫室电话', 'Terminal gone: call the gate room'],
  inHandOf: ['接警人', 'taken by'],
  mine: ['我', 'me'],
  // Acts.
  answer: ['接警并通话', 'Answer'],
  resume: ['继续通话', 'Resume call'],
  take: ['仅接警', 'Take only'],
  next: ['下一起', 'Next'],
  hangUp: ['挂断', 'Hang up'],
  mute: ['静音', 'Mute'],
  open: ['持续通话', 'Open mic'],
  hold: ['按住说话', 'Hold to talk'],
  floorAsk: ['请求发言', 'Ask for the floor'],
  floorGive: ['移交发言权', 'Hand over the floor'],
  floorLeave: ['让出发言权', 'Leave the floor'],
  floorAsked: ['请求发言', 'asks to talk'],
  strobeOff: ['关警示灯', 'Strobe off'],
  strobeOn: ['开警示灯', 'Strobe on'],
  sirenOff: ['关警笛', 'Siren off'],
  sirenOn: ['开警笛', 'Siren on'],
  hearGate: ['听校门', 'Hear gate'],
  muteGate: ['关校门声', 'Gate off'],
  gateHeld: ['麦克风打开时不放', 'silent while your microphone is open'],
  resolve: ['解除警情', 'Resolve'],
  resolveTitle: ['解除原因(按数字键)', 'Why it ends (press the number)'],
  note: ['备注(可不填)', 'Note (may stay empty)'],
  back: ['返回', 'Back'],
  handled: ['已处置', 'Handled'],
  'false-alarm': ['误报', 'False alarm'],
  'passed-on': ['已移交', 'Passed on'],
  'drill-done': ['演练结束', 'Drill over'],
  tested: ['测试', 'Test'],
  other: ['其他', 'Other'],
  resolvedBy: ['已由', 'Resolved by'],
  search: ['查找学校、地址、辖区', 'Search school, address, district'],
  // Picture, talk, stick.
  picture: ['实时画面', 'Live picture'],
  calling: ['正在接通', 'connecting'],
  connected: ['已接通', 'connected'],
  again: ['中断,正在重连', 'lost, trying again'],
  over: ['已结束', 'over'],
  none: ['未打开', 'not open'],
  snapshots: ['网络受限:抓拍画面', 'poor line: still pictures'],
  frozen: ['画面停顿', 'Picture stands still'],
  live: ['实时', 'LIVE'],
  busy: ['已被他人占用', 'in use by others'],
  tryAgain: ['再试', 'Try again'],
  talk: ['语音对讲', 'Talk'],
  room: ['门卫室', 'Gate room'],
  caller: ['我方', 'We'],
  floorMine: ['发言权在我', 'The floor is mine'],
  floorOf: ['发言权', 'Floor'],
  floorFree: ['无人发言', 'nobody talks'],
  onHold: ['通话保持', 'call on hold'],
  microphoneAsking: ['请允许使用麦克风', 'please allow the microphone'],
  microphoneDenied: ['麦克风被禁用,只能收听', 'microphone forbidden: you hear, unheard'],
  microphoneMissing: ['没有麦克风,只能收听', 'no microphone: you hear, unheard'],
  microphoneBusy: ['麦克风打不开,只能收听', 'microphone does not open: you hear, unheard'],
  microphoneMuted: ['麦克风已静音', 'microphone muted'],
  microphoneOpen: ['麦克风已打开', 'microphone open'],
  stick: ['云台', 'Stick'],
  stickFree: ['空闲', 'free'],
  stickMine: ['由我控制', 'mine'],
  stickOf: ['控制权', 'held by'],
  stickTake: ['接管云台', 'Take stick'],
  stickGive: ['释放云台', 'Give back'],
  stickHelp: ['在画面上拖动即转动', 'drag on the picture to turn'],
  left: ['向左', 'Left'],
  right: ['向右', 'Right'],
  up: ['向上', 'Up'],
  down: ['向下', 'Down'],
  closer: ['拉近', 'Closer'],
  wider: ['拉远', 'Wider'],
  home: ['守望位', 'Home'],
  // Timeline and evidence.
  timeline: ['经过', 'What happened'],
  evidence: ['证据', 'Evidence'],
  map: ['地图', 'Map'],
  raised: ['按下报警按钮', 'Button pressed'],
  pressed: ['再次按下', 'Pressed again'],
  'local-reset': ['本地复位', 'Local reset'],
  fault: ['故障', 'Fault'],
  'fault-over': ['故障恢复', 'Fault over'],
  'stick-free': ['云台已释放', 'Stick given back'],
  floor: ['发言权转移', 'Floor passed'],
  call: ['加入通话', 'Joins the call'],
  'call-over': ['离开通话', 'Leaves the call'],
  'evidence-missing': ['证据缺失', 'Evidence missing'],
  clip: ['录像', 'Clip'],
  snapshot: ['抓拍', 'Snapshot'],
  exportCase: ['导出案卷', 'Export case'],
  exportReason: ['导出原因(必填)', 'Why it is exported (needed)'],
  making: ['终端正在制作', 'the terminal is making it'],
  noFiles: ['本页尚未收到证据通知', 'this page has heard of no files yet'],
  show: ['查看', 'Show'],
  stop: ['停止', 'Stop'],
  close: ['关闭', 'Close'],
  verified: ['校验一致', 'verified'],
  notVerified: ['校验不一致', 'does not match its hash'],
  save: ['保存', 'Save'],
  afterPress: ['报警后', 'after the press'],
  beforeAfter: ['起', 'from'],
  // Terminals.
  all: ['全部', 'All'],
  filterOpen: ['有警情', 'Open case'],
  filterSilent: ['失联', 'Gone silent'],
  filterFault: ['有故障', 'Faults'],
  ready: ['正常待命', 'ready'],
  gone: ['失联', 'gone silent'],
  goneAlarm: ['终端失联', 'Terminal gone silent'],
  knownFault: ['知道了', 'Noted'],
  faults: ['项故障', 'fault(s)'],
  nothingFound: ['没有符合的终端', 'no terminal matches'],
  noPast: ['本机没有历史警情', 'this page knows of no past case'],
  scale: ['比例尺', 'scale'],
  zoomIn: ['放大', 'Closer'],
  zoomOut: ['缩小', 'Wider'],
  // Words of other people's roles.
  platform: ['平台', 'platform'],
  '110-city': ['市110', '110 city'],
  '110-district': ['区110', '110 district'],
  'police-video': ['视频侦查', 'police video'],
  campus: ['校园安全', 'campus'],
  school: ['学校', 'school'],
  installer: ['安装', 'installer'],
  // Answers that say no.
  'not-allowed': ['无此权限', 'not allowed'],
  'wrong-boot': ['终端刚重启,请再试', 'the terminal has just restarted; try again'],
  'too-many': ['指令过多,请稍候', 'too many commands; wait a moment'],
  'no-open-incident': ['没有未结警情', 'no open case'],
  'silent-incident': ['静默警情期间不允许', 'not while a silent case is open'],
  'incident-open': ['有未结警情时不允许', 'not while a case is open'],
  'already-resolved': ['已解除', 'already resolved'],
  'unknown-incident': ['终端没有此警情', 'the terminal has no such case'],
  'unknown-file': ['文件不存在', 'no such file'],
  'no-lease': ['控制权已失去', 'the stick is no longer yours'],
  'out-of-range': ['超出允许范围', 'out of the allowed range'],
  failed: ['执行失败', 'it failed'],
  expired: ['指令过期', 'the command came too late'],
  noAnswer: ['终端没有应答', 'no answer from the terminal'],
} as const satisfies { readonly [key: string]: readonly [zh: string, en: string] };

export type Text = keyof typeof texts;
export const isText = (word: string): word is Text => Object.hasOwn(texts, word);

export const language = signal<Language>('zh');

/** As chosen once in this browser, else as the city has it. */
export function startLanguage(fallback: Language): void {
  const chosen = kept('language');
  setLanguage(chosen === 'zh' || chosen === 'en' ? chosen : fallback);
}

export function switchLanguage(): void {
  setLanguage(language.value === 'zh' ? 'en' : 'zh');
  keep('language', language.value);
}

function setLanguage(to: Language): void {
  language.value = to;
  document.documentElement.lang = to === 'zh' ? 'zh-CN' : 'en';
  document.title = t('title');
}

/** A word in the language that is chosen; a component that says it is drawn anew with the language. */
export const t = (text: Text): string => texts[text][language.value === 'zh' ? 0 : 1];

/** A word of the terminal's: ours where there is one, else as it came. */
export const said = (word: string): string => (isText(word) ? t(word) : word);

export const whoText = ({ role, user }: { readonly role: string; readonly user: string }): string =>
  `${said(role)} ${user}`;

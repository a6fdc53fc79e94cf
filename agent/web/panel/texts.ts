// The words that are the page's own, Chinese and English. What the terminal says (its word, advice, faults)
// comes in both from the panel's server.

import { ladderWords, markWords, type Word } from '../../contract/words.ts';
import type { Text } from '../../panel/api.ts';
import { inWords } from '../page/language.ts';

const texts = {
  title: ['一键报警终端', 'Alarm terminal'],
  otherLanguage: ['English', '中文'],
  theme: ['亮度', 'Light'],
  auto: ['随系统', 'system'],
  dark: ['深色', 'dark'],
  light: ['浅色', 'light'],
  clockUnknown: ['时钟未校准', 'clock not kept'],
  muted: ['已静音,直到下一次事件', 'muted until the next event'],
  // What stands above all: the word, or that it is not known.
  now: ['现在', 'Now'],
  since: ['自', 'since'],
  sinceEnd: ['起', ''],
  todo: ['现在怎么办', 'What to do now'],
  connecting: ['正在连接', 'connecting'],
  connectingSays: ['正在读取终端状态……', 'Reading the state of the terminal …'],
  stale: ['页面失联', 'page cut off'],
  staleSays: [
    '本页面收不到终端的消息,无法显示报警状态。请看指示灯;按下按钮后请同时拨打110。',
    'This page hears nothing from the terminal. Look at the lamp; after pressing call 110 as well.',
  ],
  lastHeard: ['最后一次收到消息', 'last heard'],
  broken: ['页面出错', 'page failed'],
  brokenSays: [
    '本页面出错,即将自动重新载入。请看指示灯;按下按钮后请同时拨打110。',
    'This page has failed and loads again by itself. Look at the lamp; after pressing call 110 as well.',
  ],
  // The ladder.
  ...ladderWords,
  ladder: ['报警走到哪一步', 'How far the alarm has got'],
  reached: ['已到', 'reached'],
  isNow: ['当前', 'now'],
  notReceived: ['平台未收到', 'not received'],
  notYet: ['未到', 'not yet'],
  // Does it work?
  works: ['设备状态', 'Does it work?'],
  allWell: ['设备正常', 'All parts are well'],
  allWellSays: ['没有发现故障', 'no fault is known'],
  faults: ['故障', 'Faults'],
  // Who talks.
  onLine: ['正在通话', 'On the line'],
  heard: ['发言中', 'speaking'],
  listens: ['收听', 'listening'],
  // Last alarms.
  alarms: ['最近报警', 'Last alarms'],
  noAlarms: ['没有报警记录', 'No alarm so far'],
  presses: ['次按下', 'presses'],
  claim: ['误报', 'False alarm'],
  claimHold: ['按住不放', 'keep pressed'],
  claimSays: [
    '确实是误按时,按住此键告诉接警员',
    'Pressed by mistake? Keep this pressed to tell the dispatcher',
  ],
  claiming: ['正在报告……', 'telling …'],
  claimedTitle: ['误报(待确认)', 'False alarm (claim)'],
  claimedSays: [
    '已告诉接警员。警情由接警员解除,请保持电话畅通。',
    'The dispatcher has been told and decides. Stay near the telephone.',
  ],
  claimedNone: ['没有可以报告的警情', 'there is no alarm to be called false'],
  // Windows.
  ...markWords,
  markSays: ['按下按钮不派警', 'presses dispatch nobody'],
  left: ['剩余', 'left'],
  realSays: [
    '真有危险:按住按钮3秒,或5秒内连按3次',
    'Real danger: hold the button 3 s, or press three times in 5 s',
  ],
  // The door to the installer's part.
  back: ['返回', 'Back'],
  pinTitle: ['输入PIN码', 'Enter the PIN'],
  pin: ['PIN码', 'PIN'],
  name: ['姓名(用于记录,可不填)', 'Your name (for the record, may stay empty)'],
  enter: ['确定', 'Enter'],
  erase: ['删除', 'Delete'],
  looking: ['正在核对……', 'checking …'],
  tryIn: ['秒后可再试', 's until the next try'],
  pinMissing: [
    '尚未设置PIN码。在终端上运行:gate-agent panel set-pin',
    'No PIN is set. On the terminal run: gate-agent panel set-pin',
  ],
  sessionOver: ['已退出维护', 'Logged out'],
  // The installer's part.
  logout: ['退出维护', 'Log out'],
  work: ['维护', 'Service'],
  untilIdle: ['无操作自动退出', 'logs out when idle, at'],
  control: ['复位与重启', 'Reset, restart'],
  inputs: ['输入', 'Inputs'],
  picture: ['球机画面', 'Dome picture'],
  tests: ['测试', 'Tests'],
  windows: ['演练与检修', 'Drill, service'],
  system: ['网络与时钟', 'Network, clock'],
  // Reset, silence, restart.
  reset: ['本地复位', 'Local reset'],
  resetSays: [
    '关闭警示灯和警笛,直到下一次按下;警情仍未解除,由接警员处理。',
    'Light and siren off until the next press. The alarm stays open for the dispatcher.',
  ],
  resetDone: ['已复位:警示灯和警笛已关闭', 'Reset: light and siren are off'],
  mute: ['静音', 'Mute'],
  muteSays: [
    '蜂鸣器和语音提示静音,直到下一次事件。',
    'Buzzer and prompts silent until the next event.',
  ],
  muteDone: ['已静音', 'Muted'],
  restart: ['重启报警程序', 'Restart the program'],
  restartSays: [
    '几秒钟内不监视按钮;有未解除的警情时不允许。',
    'For some seconds no button is watched. Not while an alarm is open.',
  ],
  restartDone: ['正在重启', 'It is restarting'],
  doing: ['正在执行……', 'working …'],
  // Inputs.
  inputsSays: [
    '逐个按下按钮,看这里是否变化。未开检修时,按下即为真实报警!',
    'Press each button and look here. Without a service window every press is a real alarm!',
  ],
  noInputs: ['没有配置输入', 'no inputs are configured'],
  button: ['报警按钮', 'alarm button'],
  'false-alarm': ['误报键', 'false-alarm key'],
  'local-reset': ['复位键', 'reset key'],
  mains: ['市电', 'mains'],
  battery: ['电池', 'battery'],
  'cabinet-door': ['机箱门', 'cabinet door'],
  // Picture.
  pictureOf: ['球机画面,拍摄于', 'Picture of the dome, taken at'],
  // Tests.
  strobe: ['红蓝警示灯', 'Strobe'],
  siren: ['警笛', 'Siren'],
  preset: ['报警预置位', 'Alarm preset'],
  lamp: ['指示灯与蜂鸣器', 'Lamp and buzzer'],
  strobeSays: ['亮几秒,请看球机', 'lit for some seconds: look at the dome'],
  sirenSays: ['响几秒,请事先告知周围的人', 'sounds for some seconds: warn the people around'],
  presetSays: ['球机转向报警位置', 'the dome turns to the alarm position'],
  lampSays: ['每种颜色亮一次,蜂鸣两声', 'every colour once, two beeps'],
  test: ['测试', 'Test'],
  testing: ['正在测试……', 'testing …'],
  testDone: ['完成', 'done'],
  // Opening a window.
  openDrill: ['开始演练', 'Begin a drill'],
  openService: ['开始检修', 'Begin service'],
  closeWindow: ['现在结束', 'End it now'],
  windowSays: [
    '时段内按下按钮会做标记,不派警;重启后失效。',
    'Presses in it are marked and dispatch nobody; a restart ends it.',
  ],
  minutes: ['分钟', 'min'],
  withSiren: ['同时试响警笛', 'with the siren'],
  opened: ['已开始', 'begun'],
  closed: ['已结束', 'ended'],
  by: ['操作人', 'by'],
  until: ['至', 'until'],
  // Network and clock.
  network: ['网络', 'Network'],
  hostname: ['主机名', 'Host name'],
  gateway: ['网关', 'Gateway'],
  nameServers: ['域名服务器', 'Name servers'],
  platform: ['平台', 'Platform'],
  online: ['已连接', 'connected'],
  offline: ['未连接', 'not connected'],
  up: ['已接通', 'up'],
  down: ['未接通', 'down'],
  none: ['无', 'none'],
  clock: ['时钟', 'Clock'],
  browserOff: ['与本浏览器相差', 'differs from this browser by'],
  timezone: ['时区', 'Time zone'],
  program: ['程序', 'Program'],
  versions: ['版本', 'Versions'],
  running: ['已运行', 'running for'],
  waiting: ['待发', 'unsent'],
  records: ['记录', 'records'],
  memory: ['内存', 'memory'],
  certificate: ['本页证书', 'Certificate of this page'],
  validUntil: ['有效期至', 'valid until'],
  selfSigned: ['自签名', 'self-signed'],
  support: ['下载诊断包', 'Download the support bundle'],
  supportSays: [
    '日志与配置,密码和密钥已去除。',
    'Logs and configuration, passwords and keys removed.',
  ],
  refresh: ['刷新', 'Refresh'],
} as const satisfies { readonly [key: string]: Word };

/** In place of a server's words that did not come. */
export const noAnswer: Text = { zh: '没有应答,请再试', en: 'no answer; try again' };

export type Own = keyof typeof texts;

/** The page's own word. */
export const t = (own: Own): string => inWords(texts[own]);

/** The same in both, for where the server's own words stand otherwise. */
export const both = (own: Own): Text => ({ zh: texts[own][0], en: texts[own][1] });

/** What the server says. */
export const say = ({ zh, en }: Text): string => inWords([zh, en]);

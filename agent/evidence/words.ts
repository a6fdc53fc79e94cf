// The report's words in both languages; those of the ladder, the kinds and the parts are the ones that lamp,
// panel and console use.

export type Language = 'zh' | 'en';
type Word = readonly [zh: string, en: string];

export const words = {
  title: ['校园一键报警事件报告', 'School gate alarm: incident report'],
  terminal: ['一键报警终端', 'Terminal'],
  divisionCode: ['行政区划代码', 'Division code'],
  jurisdiction: ['辖区', 'Jurisdiction'],
  school: ['学校', 'School'],
  gate: ['校门', 'Gate'],
  address: ['地址', 'Address'],
  phone: ['门卫室电话', 'Gate room'],
  incident: ['警情', 'Incident'],
  kind: ['类别', 'Kind'],
  button: ['报警按钮', 'Button'],
  raised: ['按下报警按钮', 'Pressed'],
  presses: ['按下次数', 'Presses'],
  clock: ['时钟', 'Clock'],
  good: ['已对时', 'set by a time server'],
  unknown: ['未对时', 'not known to be right'],
  hops: ['报警传递', 'How far the alarm got, and when'],
  step: ['环节', 'Step'],
  time: ['时间(北京时间)', 'Time (UTC+8)'],
  afterPress: ['距按下', 'After the press'],
  figure: ['指标', 'Figure'],
  own: ['产品指标', 'own figure'],
  source: ['依据', 'Source'],
  within: ['达标', 'met'],
  over: ['超出', 'not met'],
  record: ['记录号', 'Record'],
  rowOnly: ['终端数据', 'row'],
  people: ['人员与操作', 'Who did what'],
  held: ['留存证据', 'evidence held'],
  'strobe-on': ['开红蓝警示灯', 'strobe on'],
  'strobe-off': ['关红蓝警示灯', 'strobe off'],
  'siren-on': ['开警笛', 'siren on'],
  'siren-off': ['关警笛', 'siren off'],
  talk: ['语音对讲', 'talked'],
  listen: ['监听', 'listened'],
  live: ['查看实时画面', 'saw the live picture'],
  turned: ['操作云台', 'had the stick'],
  moves: ['次操作', 'moves'],
  notOver: ['未结束', 'not over'],
  files: ['证据文件', 'Evidence'],
  file: ['文件', 'File'],
  span: ['起止', 'From, length'],
  clip: ['报警录像', 'clip'],
  snapshot: ['抓拍', 'snapshot'],
  talkFile: ['对讲录音', 'talk'],
  beforePress: ['早于按下', 'before press'],
  afterIt: ['晚于按下', 'after press'],
  purged: ['已按规则删除', 'deleted by rule'],
  absent: ['未能读取', 'not to be had'],
  none: ['无', 'none'],
  missing: ['缺失及原因', 'What is missing, and why'],
  faults: ['期间故障', 'Faults meanwhile'],
  before: ['按下前已有', 'before press'],
  cleared: ['恢复', 'ended'],
  lasting: ['未恢复', 'lasted'],
  claim: ['误报(待确认)', 'False alarm claimed'],
  reset: ['本地复位', 'Local reset'],
  again: ['再次按下', 'Pressed again'],
  restart: ['终端重启', 'Terminal restarted'],
  resolution: ['处理结果', 'Resolution'],
  note: ['备注', 'Note'],
  madeReal: ['已转为真实警情', 'made real'],
  chain: ['审计链', 'Hash chain'],
  records: ['记录', 'records'],
  head: ['链头', 'head'],
  key: ['证据密钥', 'Evidence key'],
  made: ['导出', 'Exported'],
  by: ['导出人', 'by'],
  reason: ['事由', 'reason'],
  more: ['另有', 'and more:'],
  seeJson: ['见 report.json', 'see report.json'],
  check: [
    '校验:gate-agent verify 本文件包;请将密钥指纹与平台登记的指纹核对。',
    'Check it with gate-agent verify; compare the fingerprint with the one the platform knows.',
  ],
  unreadable: ['记录损坏,按未结警情处理', 'The record was damaged and counted as an open case'],
  notStored: ['未能及时登记', 'not at once: the disk took nothing'],
  atLatest: ['不晚于', 'by'],
  local: ['终端本地', 'at the terminal'],
} as const satisfies { readonly [name: string]: Word };
export type Name = keyof typeof words;

export const stepWords = {
  stored: ['已登记', 'stored'],
  sent: ['已发出', 'sent'],
  received: ['平台已收到', 'received'],
  seen: ['警方已看到', 'seen'],
  taken: ['已接警', 'taken'],
  talking: ['正在通话', 'talking'],
  resolved: ['已解除', 'resolved'],
} as const satisfies { readonly [step: string]: Word };

export const kindWords = {
  emergency: ['紧急报警', 'emergency'],
  silent: ['静默报警', 'silent alarm'],
  medical: ['医疗求助', 'medical'],
  fire: ['火警', 'fire'],
  test: ['测试', 'test'],
} as const satisfies { readonly [kind: string]: Word };

const markWords: { readonly [mark: string]: Word } = {
  drill: ['演练', 'DRILL'],
  service: ['检修', 'SERVICE'],
};

export const say = (language: Language, [zh, en]: Word): string => (language === 'zh' ? zh : en);

export const markWord = (language: Language, mark: string): string =>
  say(language, markWords[mark] ?? [mark, mark.toUpperCase()]);

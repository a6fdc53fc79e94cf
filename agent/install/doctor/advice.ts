// What a fault means to whoever mends it, and what to do, in both languages. The daemon's own sentence stands
// beside it; the first pattern that fits a fault's name counts.

import type { Word } from '../../contract.ts';

export interface Advice {
  readonly part: Word;
  readonly what: Word;
  readonly todo: Word;
}

const parts = {
  box: ['按钮盒', 'button box'],
  button: ['报警按钮', 'button'],
  line: ['平台链路', 'line to the platform'],
  dome: ['球机', 'dome'],
  store: ['存储', 'store'],
  sound: ['语音对讲', 'talkback'],
  picture: ['实时画面', 'picture'],
  clock: ['时钟', 'clock'],
  config: ['配置', 'configuration'],
  output: ['指示灯与蜂鸣器', 'lamp and buzzer'],
  patrol: ['每日自检', 'patrol'],
  other: ['其他', 'other'],
} as const satisfies { readonly [part: string]: Word };

type Row = readonly [pattern: RegExp, part: Word, what: Word, todo: Word];

const rows: readonly Row[] = [
  [
    /^box\..*\.silent$/,
    parts.box,
    ['按钮盒没有任何消息', 'the button box says nothing'],
    ['检查供电、线缆和串口速率', 'look at its power, the cable and the speed'],
  ],
  [
    /^(box|modem|modbus|gpio)\./,
    parts.box,
    ['按钮所接的接口有故障', 'what the buttons are wired to is out of order'],
    ['检查线缆、端口名和供电', 'look at the cable, the name of the port and the power'],
  ],
  [
    /^input\..*\.stuck$/,
    parts.button,
    ['按钮一直处于按下状态', 'a button is down all the time'],
    ['松开或更换按钮', 'release it, or replace it'],
  ],
  [
    /^input\..*\.(short|open|tamper)$/,
    parts.button,
    ['按钮线路短路、断路或被拆动', 'the wire of a button is short, open or tampered with'],
    ['检查该按钮及其线缆', 'look at that button and its cable'],
  ],
  [
    /^input\./,
    parts.button,
    ['市电、电池或机箱门异常', 'mains, battery or cabinet door'],
    ['查看插头、电池和机箱门', 'look at the plug, the battery and the door'],
  ],
  [
    /^uplink\.(down|offline)/,
    parts.line,
    ['无法连接平台的消息服务器', 'the broker cannot be reached'],
    ['检查网络、broker.url 与服务器', 'look at the network, broker.url and the broker'],
  ],
  [
    /^uplink\./,
    parts.line,
    ['与平台的链路异常', 'the line to the platform is not as it should be'],
    ['与平台管理员核对账号和权限', 'go through login and rights with who runs the platform'],
  ],
  [
    /^dome\.unauthorized/,
    parts.dome,
    ['球机拒绝用户名或密码', 'the dome refuses user or password'],
    [
      '改正 dome.passwordFile 后重启 gate-agent',
      'correct dome.passwordFile, then restart gate-agent',
    ],
  ],
  [
    /^dome\.lost/,
    parts.dome,
    ['球机没有应答', 'the dome does not answer'],
    ['检查球机供电、网线和 dome.url', 'look at its power, its cable and dome.url'],
  ],
  [
    /^dome\./,
    parts.dome,
    ['球机的某项功能异常', 'something of the dome does not work'],
    ['在球机网页上查看,或重新执行 dome probe', 'look at its web page, or run dome probe again'],
  ],
  [
    /^storage\./,
    parts.store,
    ['记录不能正常写入磁盘', 'the disk does not take records as it should'],
    ['检查磁盘空间,尽快更换磁盘', 'look at its free space, and replace it soon'],
  ],
  [
    /^(sound|talk)\./,
    parts.sound,
    ['扬声器、麦克风或对讲异常', 'loudspeaker, microphone or calls do not work'],
    ['检查声卡、插头和 media.sound', 'look at the card, the plugs and media.sound'],
  ],
  [
    /^(live|clip|evidence|export)\./,
    parts.picture,
    ['实时画面或录像异常', 'picture or recording does not work'],
    ['检查球机视频流和磁盘', 'look at the stream of the dome, and at the disk'],
  ],
  [
    /^clock\./,
    parts.clock,
    ['系统时间不可信', 'the time is not to be believed'],
    ['检查校时服务(chrony 或 timesyncd)', 'look at the time service (chrony or timesyncd)'],
  ],
  [
    /^config\./,
    parts.config,
    ['正在使用上一份正确的配置', 'it runs on the last good configuration'],
    ['执行 gate-agent check-config 并改正', 'run gate-agent check-config, and mend what it names'],
  ],
  [
    /^output\./,
    parts.output,
    ['指示灯或蜂鸣器的线路异常', 'a line of lamp or buzzer is out of order'],
    ['检查 gpio.outputs 与接线', 'look at gpio.outputs and the wires'],
  ],
  [
    /^patrol\./,
    parts.patrol,
    ['上次自检有一项不合格', 'a part failed in the last patrol'],
    ['排除后执行 gate-agent patrol', 'mend it, then run gate-agent patrol'],
  ],
];

/** Of a fault by its name. */
export function adviceOn(fault: string): Advice {
  const [, part, what, todo] = rows.find(([pattern]) => pattern.test(fault)) ?? [
    /^/,
    parts.other,
    ['设备故障', 'something is out of order'],
    ['查看说明并联系安装人员', 'read what it says, and ask the installer'],
  ];
  return { part, what, todo };
}

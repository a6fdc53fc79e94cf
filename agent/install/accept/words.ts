// The certificate's words in both languages: checks, results, what was found.

import type { Word } from '../../contract.ts';

export const checkWords = {
  clock: ['时钟', 'Clock'],
  store: ['写盘', 'Disk write'],
  space: ['磁盘空间', 'Disk space'],
  key: ['证据密钥', 'Evidence key'],
  chain: ['审计链', 'Hash chain'],
  certificate: ['设备证书', 'Certificate'],
  broker: ['平台链路', 'Line to the broker'],
  press: ['按下报警按钮', 'Press'],
  lamp: ['门卫指示灯', 'Guard’s lamp'],
  dome: ['球机', 'Dome'],
  live: ['实时画面', 'Live picture'],
  strobe: ['红蓝警示灯', 'Strobe'],
  siren: ['警笛', 'Siren'],
  range: ['隐私区域', 'Privacy range'],
  talk: ['语音对讲(声学环路)', 'Talk (acoustic loop)'],
  cut: ['断网后报警', 'Network cut'],
  pulled: ['球机断开时报警', 'Dome pulled'],
  restart: ['重启后报警', 'Daemon restarted'],
} as const satisfies { readonly [check: string]: Word };
export type CheckName = keyof typeof checkWords;
export const isCheckName = (name: string): name is CheckName => Object.hasOwn(checkWords, name);

export const resultWords = {
  passed: ['合格', 'passed'],
  failed: ['不合格', 'FAILED'],
  waived: ['免检', 'waived'],
} as const satisfies { readonly [result: string]: Word };

export const figureWords = {
  stored: ['登记', 'stored'],
  sent: ['发出', 'sent'],
  received: ['平台收到', 'received'],
  pulse: ['脉冲', 'pulse'],
  row: ['写盘', 'row on disk'],
  puback: ['应答', 'acknowledged'],
  lost: ['发现断开', 'found lost'],
  back: ['恢复', 'back'],
} as const satisfies { readonly [figure: string]: Word };

/** What a person is asked or told to do. */
export const personWords = {
  press: (name: string): Word => [
    `请按下并松开按钮:${name}(60 秒内)`,
    `Press and release the button: ${name} (within 60 s)`,
  ],
  strobe: ['红蓝警示灯刚才闪了吗?', 'Did the strobe flash just now?'],
  siren: ['警笛刚才响了吗?', 'Did the siren sound just now?'],
  lamp: ['指示灯刚才逐一亮过各色吗?', 'Did the lamp just show its colours, one after the other?'],
  pull: ['请现在拔下球机的网线或电源', 'Pull the dome’s cable now'],
  plug: ['请把球机重新接好', 'Plug the dome in again'],
} as const;

/** A sentence that was said in English alone. */
export const asIs = (detail: string): Word => [detail, detail];

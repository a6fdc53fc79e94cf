// An electrician who goes through the wizard by keys, in either language: what each step asks, and what he
// types.

import type { Language } from '#agent/install/words.ts';
import type { SimBox } from '#agent/sim/box.ts';
import type { SimDome } from '#agent/sim/dome/dome.ts';
import { until } from '#test/support/wait.ts';
import { identityPairs, qrOf, terminal } from './support.ts';
import type { Tmux } from './tmux.ts';

const words = {
  how: ['How?', '输入方式'],
  scan: ['Scan the QR code', '扫描二维码'],
  scanNow: ['Scan now', '请扫描'],
  allRight: ['Is all of this right?', '以上信息是否正确'],
  type: ['Type it in', '手工输入'],
  url: ['Address of the platform', '平台地址'],
  ca: ["File with the platform's authority", '平台 CA 证书文件'],
  certificate: ["This terminal's certificate", '本终端的证书'],
  fromFiles: ['Take certificate and key', '从文件读取'],
  certFile: ['File with the certificate', '证书文件(PEM)'],
  keyFile: ['File with its private key', '私钥文件(PEM)'],
  user: ['User at the platform', '平台用户名'],
  connected: ['Connected, logged in', '已连接、登录'],
  press: ['Press the button now', '请按一下按钮'],
  what: ['What is it?', '它是什么'],
  button: ['Alarm button', '报警按钮'],
  means: ['What does a press mean?', '按下表示什么'],
  emergency: ['Emergency', '紧急报警'],
  name: ['What do people call it?', '名称'],
  another: ['Another one?', '还有其他按钮吗'],
  lamp: ["The guard's lamp", '门卫指示灯'],
  dome: ['Dome', '球机'],
  sound: ['Sound of the gate room', '门卫室声音'],
  clock: ['Clock', '时钟'],
  panel: ['PIN of the panel', '面板 PIN 码'],
  doIt: ['Do it now', '现在设置'],
  skip: ['Skip it', '跳过'],
  onLines: ['wired to lines of this PC', '本机线路上接有'],
  lit: ['Did all colours light', '所有颜色都亮了'],
  isItNow: ['Is it now', '现在是'],
  pin: ['PIN, 6 to 12 digits', 'PIN 码,6 至 12 位数字'],
  pinAgain: ['The same again', '再输入一次'],
  differ: ['The two differ', '两次输入不一致'],
  duress: ['Set a duress PIN', '是否另设胁迫'],
  whichDome: ['Which dome?', '哪一台球机'],
  typeAddress: ['Type its address', '手工输入地址'],
  domeAddress: ['Address of the dome', '球机地址'],
  domeUser: ['User of the dome', '球机用户名'],
  password: ['Password', '密码'],
  oneTry: ['tried once', '只尝试了一次'],
  rests: ['Where does it rest', '平时看哪里'],
  alarmPlace: ['Which one looks at the gate', '报警时哪个预置位'],
  none: ['None', '没有'],
  write: ['Write it now?', '现在写入'],
  armed: [`${terminal}: armed`, `${terminal}: 已布防`],
} as const;
type Word = keyof typeof words;

export interface Stuff {
  readonly url: string;
  /** Directory with ca.pem, my.pem, my.key. */
  readonly stick: string;
  readonly box: SimBox;
  readonly dome: SimDome;
}

export class Person {
  readonly tmux: Tmux;
  readonly language: Language;

  constructor(tmux: Tmux, language: Language) {
    this.tmux = tmux;
    this.language = language;
  }

  word(what: Word): string {
    return words[what][this.language === 'en' ? 0 : 1];
  }

  sees = (what: Word, patienceMs?: number): Promise<void> =>
    this.tmux.sees(this.word(what), patienceMs);

  async says(question: Word, text: string): Promise<void> {
    await this.tmux.answers(this.word(question), text);
  }

  async takes(question: Word, entry: Word): Promise<void> {
    await this.tmux.chooses(this.word(question), this.word(entry));
  }

  yes(question: Word, isYes = true): Promise<void> {
    return this.tmux.confirms(this.word(question), isYes);
  }

  async choosesLanguage(): Promise<void> {
    await this.tmux.chooses('Language 语言', this.language === 'en' ? 'English' : '中文');
  }

  async scans(): Promise<void> {
    await this.takes('how', 'scan');
    await this.says('scanNow', qrOf(identityPairs));
    await this.yes('allRight');
  }

  /** Up to the last question before the connection is tried. */
  async connects({ url, stick }: Stuff, pair = ['my.pem', 'my.key']): Promise<void> {
    await this.says('url', url);
    await this.says('ca', `${stick}/ca.pem`);
    await this.takes('certificate', 'fromFiles');
    await this.says('certFile', `${stick}/${pair[0]}`);
    await this.says('keyFile', `${stick}/${pair[1]}`);
  }

  async teaches({ box }: Stuff): Promise<void> {
    await this.sees('press');
    const pressed = async () => (await this.tmux.screen()).includes(`✓ ${box.path}`);
    // Until the daemon has found the speed of the port a press is not heard.
    const tap = async () => (await pressed()) || (await box.tap(1));
    await until(tap, { withinMs: 90_000, what: 'the press to be found' });
    await this.takes('what', 'button');
    await this.takes('means', 'emergency');
    await this.says('name', '值班台按钮');
    await this.yes('another', false);
  }

  /** By its address; a wrong password first, then the right one. */
  async seesDome({ dome }: Stuff): Promise<void> {
    await this.takes('dome', 'doIt');
    await this.takes('whichDome', 'typeAddress');
    await this.says('domeAddress', `http://127.0.0.1:${dome.port}`);
    await this.says('domeUser', 'admin');
    await this.says('password', 'nonsense');
    await this.sees('oneTry');
    await this.says('domeUser', 'admin');
    await this.says('password', 'secret');
    await this.takes('rests', 'none');
    await this.takes('alarmPlace', 'none');
    await this.#looksAtLight(dome);
  }

  /** Every question about the light is answered by what it does; the next step ends it. */
  async #looksAtLight(dome: SimDome): Promise<void> {
    const next = this.word('sound');
    for (;;) {
      const asked = await until(() => this.tmux.asked(), { withinMs: 60_000, what: 'a question' });
      if (asked.includes(next)) return;
      const isOn = asked.includes('flashing?');
      const isOff = asked.includes('Is it dark again?');
      await this.tmux.confirms(
        '',
        (isOn && dome.actuators.strobe) || (isOff && !dome.actuators.strobe),
      );
      await until(async () => (await this.tmux.asked()) !== asked, {
        ...{ withinMs: 60_000, what: `what comes after ${asked}` },
      });
    }
  }

  async seesLamp(): Promise<void> {
    await this.takes('lamp', 'doIt');
    await this.yes('onLines', false);
    await this.yes('lit');
  }

  async skips(step: 'lamp' | 'dome' | 'sound' | 'clock' | 'panel'): Promise<void> {
    await this.takes(step, 'skip');
  }

  async seesClock(): Promise<void> {
    await this.takes('clock', 'doIt');
    await this.yes('isItNow');
  }

  /** Types another one at the repeat, first. */
  async setsPin(): Promise<void> {
    await this.takes('panel', 'doIt');
    await this.says('pin', '402817');
    await this.says('pinAgain', '402818');
    await this.sees('differ');
    await this.says('pin', '402817');
    await this.says('pinAgain', '402817');
    await this.yes('duress', false);
  }
}

// How a dome that is made from a seed switches its things: for each function the ways that its make may
// have, some of them none at all, and beside them names that promise something and do nothing.

import type { ActuatorName } from './actuators.ts';
import type { Chance } from './chance.ts';
import type { IsapiOptions } from './isapi.ts';
import type { Preset } from './presets.ts';
import type { Abilities, AuxiliaryCommand } from './services/support.ts';

export type Make = 'hikvision' | 'dahua' | 'other';
export type Way = 'relay' | 'device' | 'ptz' | 'preset' | 'clip' | 'track' | 'coaxial' | 'isapi';

/** What of the services decides which ways there may be. */
export interface Services {
  readonly moves: boolean;
  readonly media2: boolean;
}

type Many = readonly [string, ...string[]];

/** What each is called; where two functions share a name, the seed gives it once. */
const words: { readonly [name in ActuatorName]: Many } = {
  strobe: ['tt:Strobe', 'Strobe', 'AlarmLight', 'WarningLight', 'Flash', 'RedBlueLight', 'AUX1'],
  siren: ['tt:Siren', 'Siren', 'Horn', 'AudioAlarm', 'Speaker', 'AUX2'],
  tracking: ['AutoTracking', 'Tracking', 'SmartTrack', 'AUX3'],
  wiper: ['tt:Wiper', 'tt:Wiper', 'Wiper'],
  light: ['tt:IRLamp', 'tt:IRLamp', 'Aux_Lighting', 'IRLamp'],
};

type Pair = readonly [on: string, off: string];
const endings: readonly [Pair, ...Pair[]] = [
  ['|On', '|Off'],
  ['_On', '_Off'],
  ['on', 'off'],
  ['=1', '=0'],
  ['/start', '/stop'],
  ['-ENABLE', '-DISABLE'],
];
/** A list of names in an attribute has no room for these. */
const spaced: Pair = [' On', ' Off'];

const presetWords: { readonly [name in ActuatorName]?: readonly [Pair, ...Pair[]] } = {
  strobe: [
    ['Strobe On', 'Strobe Off'],
    ['警灯开', '警灯关'],
    ['ALARM LIGHT ON', 'ALARM LIGHT OFF'],
  ],
  siren: [
    ['Siren On', 'Siren Off'],
    ['警笛开', '警笛关'],
  ],
  tracking: [
    ['Auto Tracking On', 'Auto Tracking Off'],
    ['自动跟踪开', '自动跟踪关'],
    ['Start Tracking', 'Stop Tracking'],
  ],
};

const possible: { readonly [name in ActuatorName]: readonly Way[] } = {
  strobe: ['relay', 'device', 'ptz', 'preset', 'coaxial', 'isapi'],
  siren: ['relay', 'device', 'ptz', 'preset', 'clip', 'coaxial', 'isapi'],
  tracking: ['device', 'ptz', 'preset', 'track'],
  wiper: ['device', 'ptz', 'isapi'],
  light: ['device', 'ptz', 'isapi'],
};

/** A dome under construction. */
export class Wiring {
  readonly relays: Record<string, ActuatorName | null> = {};
  readonly deviceAuxiliary: AuxiliaryCommand[] = [];
  readonly ptzAuxiliary: AuxiliaryCommand[] = [];
  readonly presets: Preset[] = [];
  readonly presetSwitches: Record<string, Abilities['presetSwitches'][string]> = {};
  readonly coaxial: Record<string, ActuatorName> = {};
  readonly audioClips: Record<string, ActuatorName> = {};
  moveAndTrack = false;
  readonly isapi: {
    -readonly [name in keyof IsapiOptions]: IsapiOptions[name];
  } = {};
  readonly ways: Record<ActuatorName, Way[]> = {
    ...{ strobe: [], siren: [], tracking: [], wiper: [], light: [] },
  };
  readonly #chance: Chance;
  readonly #make: Make;
  readonly #used = new Set<string>();
  readonly #relayStyle: string;

  constructor(chance: Chance, make: Make) {
    this.#chance = chance;
    this.#make = make;
    this.#relayStyle = chance.of(['RelayOutput_', 'AlarmOut_', 'relay ', '', 'DO<&']);
  }

  /** Gives a function its ways: mostly one, sometimes two or none. */
  give(name: ActuatorName, { moves, media2 }: Services): void {
    const fitting = possible[name].filter(
      (way) =>
        (way !== 'coaxial' || this.#make === 'dahua') &&
        (way !== 'isapi' || this.#make === 'hikvision') &&
        (media2 || way !== 'clip') &&
        (moves || (way !== 'ptz' && way !== 'preset' && way !== 'track')),
    );
    const count = this.#chance.is(0.15) ? 0 : this.#chance.is(0.3) ? 2 : 1;
    for (const way of this.#chance.shuffled(fitting).slice(0, count))
      if (this.#add(name, way)) this.ways[name].push(way);
  }

  /** Names that do nothing, and relays that nothing hangs on. */
  mislead(): void {
    const { strobe, siren, tracking } = words;
    const names = this.#chance.shuffled([...strobe, ...siren, ...tracking]).slice(0, 3);
    for (const word of names) {
      const to = this.#chance.is(0.5) ? this.deviceAuxiliary : this.ptzAuxiliary;
      if (this.#chance.is(0.5)) this.#auxiliary(to, [word], null);
    }
    this.#auxiliary(this.ptzAuxiliary, ['tt:Washer'], null);
    this.ptzAuxiliary.push({ name: 'tt:WashingProcedure|On', actuator: null, on: true });
    if (this.#chance.is(0.4)) this.#relay(null);
  }

  #add(name: ActuatorName, way: Way): boolean {
    switch (way) {
      case 'relay':
        this.#relay(name);
        return true;
      case 'device':
        return this.#auxiliary(this.deviceAuxiliary, words[name], name);
      case 'ptz':
        return this.#auxiliary(this.ptzAuxiliary, words[name], name);
      case 'preset':
        return this.#preset(name);
      case 'clip':
        this.audioClips[this.#chance.of(['Clip_1', '0', 'alarm & siren'])] = 'siren';
        return true;
      case 'track':
        this.moveAndTrack = true;
        return true;
      case 'coaxial':
        this.coaxial[name === 'strobe' ? '1' : '2'] = name;
        return true;
      case 'isapi':
        this.#isapi(name);
        return true;
    }
  }

  #relay(name: ActuatorName | null): void {
    const number = Object.keys(this.relays).length + 1;
    const token = `${this.#relayStyle}${number}`;
    this.relays[token] = name;
    this.isapi.outputs = { ...this.isapi.outputs, [number]: token };
  }

  #auxiliary(
    to: AuxiliaryCommand[],
    candidates: readonly string[],
    actuator: ActuatorName | null,
  ): boolean {
    const free = candidates.filter((word) => !this.#used.has(bare(word)));
    const word = free[this.#chance.below(free.length)];
    if (word === undefined) return false;
    this.#used.add(bare(word));
    const room = to === this.ptzAuxiliary && this.#chance.is(0.15);
    const free2 = room ? spaced : this.#chance.of(endings);
    const [on, off] = word.startsWith('tt:') ? endings[0] : free2;
    const commands = [
      { name: word + on, actuator, on: true },
      { name: word + off, actuator, on: false },
    ];
    to.push(...this.#chance.shuffled(commands));
    return true;
  }

  #preset(name: ActuatorName): boolean {
    const pairs = presetWords[name];
    if (!pairs) return false;
    const [on, off] = this.#chance.of(pairs);
    for (const [word, isOn] of [
      [on, true],
      [off, false],
    ] as const) {
      const token = `${80 + this.presets.length}`;
      this.presets.push({ token, name: word });
      this.presetSwitches[token] = { actuator: name, on: isOn };
    }
    return true;
  }

  #isapi(name: ActuatorName): void {
    if (name === 'strobe') this.isapi.input = 'strobe';
    if (name === 'siren') this.isapi.audioAlarm = true;
    const type = { wiper: 'WIPER', light: 'LIGHT' }[name as string];
    if (type) this.isapi.auxiliary = { ...this.isapi.auxiliary, [type]: name };
  }
}

const bare = (word: string): string => word.replace(/^tt:/, '').toLowerCase();

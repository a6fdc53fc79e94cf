// From the configuration to what a driver is given; main.ts puts them together.

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BrokerConfig, Config, Surroundings } from './config.ts';
import { OnvifDome } from './dome/dome.ts';
import { earsOf } from './dome/hearing.ts';
import { parseProfile } from './dome/profile.ts';
import { Gpio } from './gpio/gpio.ts';
import type { Place } from './gpio/kernel.ts';
import type { Log } from './log.ts';
import { MediaDriver, nodeFlags } from './media/media.ts';
import type { Clock } from './ports.ts';
import { systemIds } from './system/clock.ts';

export function gpioOf(
  config: NonNullable<Config['gpio']>,
  debounceMs: number,
  clock: Clock,
): Gpio {
  const place = ({ line, chip, offset }: Place): Place => ({ line, chip, offset });
  const output = (one: (Place & { on: 'low' | 'high' }) | null) =>
    one && { place: place(one), on: one.on === 'high' ? (1 as const) : (0 as const) };
  const { lamp, buzzer, strobe } = config.outputs;
  const lights = lamp && Object.entries(lamp).map(([light, one]) => [light, output(one)]);
  return new Gpio({
    driver: config.driver,
    inputs: config.inputs.map(({ id, name, contact, bias, closed, pair, ...at }) => ({
      ...{ id, name, contact, bias, pair: pair && place(pair), place: place(at) },
      closed: (closed ?? (bias === 'pull-down' ? 'high' : 'low')) === 'high' ? 1 : 0,
    })),
    outputs: {
      lamp: lights && Object.fromEntries(lights),
      buzzer: output(buzzer),
      strobe: output(strobe),
    },
    ...{ debounceMs, clock },
  });
}

/** `isAway`: it is to be taken for a dome that does not answer. */
export function domeOf(
  config: NonNullable<Config['dome']>,
  clock: Clock,
  isAway: () => boolean,
): OnvifDome {
  const { url, ca, username, password, ...rest } = config;
  const { profile, inputs, events, clock: domeClock } = rest;
  return new OnvifDome({
    url,
    ...(ca === null ? {} : { ca }),
    username: username ?? '',
    password: password?.reveal() ?? '',
    profile: parseProfile(profile.text, profile.file),
    ears: earsOf(inputs, events),
    ...{ domeClock, clock, isAway },
    chance: systemIds.chance,
  });
}

export const rangeOf = ({ dome }: Config) =>
  dome && parseProfile(dome.profile.text, dome.profile.file).range;

interface MediaAround {
  readonly env: Surroundings['childEnv'];
  readonly log: Log;
  readonly clock: Clock;
  /** Base64; null: what is kept lies open. */
  readonly masterKey: string | null;
}

/** Its processes lie beside the bundle, its prompts where the configuration says or beside them. */
export function mediaOf(
  { dome, data, broker }: Config,
  media: NonNullable<Config['media']>,
  { env, log, clock, masterKey }: MediaAround,
): MediaDriver {
  const beside = (name: string) => fileURLToPath(new URL(name, import.meta.url));
  const command = (name: string) => [process.execPath, ...nodeFlags, beside(name)] as const;
  const { sound, iceServers, ownNetwork, warm, talkThrough, clips, talks } = media;
  return new MediaDriver({
    ...{ iceServers, ownNetwork, warm, talkThrough, env, clock, chance: systemIds.chance },
    commands: { talk: command('talk.cjs'), live: command('live.cjs') },
    sound: sound && soundOf(sound, beside),
    clips: clips && {
      ...{ ...clips, dir: clips.dir ?? join(data.dir, 'clips') },
      ...(masterKey === null ? {} : { masterKey }),
      ca: broker.tls?.ca ?? null,
    },
    talks: talks === 'on',
    dome: dome && loginOf(dome),
    said: (place, line) => log.info({ place, line }, 'media'),
  });
}

export const loginOf = ({ ca, username, password }: NonNullable<Config['dome']>) => ({
  ca,
  username: username ?? '',
  password: password?.reveal() ?? '',
});

function soundOf(
  sound: NonNullable<NonNullable<Config['media']>['sound']>,
  beside: (name: string) => string,
) {
  const { language, prompts, ...cards } = sound;
  return { ...cards, prompts: prompts ?? beside(`prompts/${language}`) };
}

export function brokerOf({ url, clientId, username, password, tls }: BrokerConfig) {
  return {
    url,
    clientId,
    username: username ?? undefined,
    password: password?.reveal(),
    ca: tls?.ca ?? undefined,
    cert: tls?.cert ?? undefined,
    key: tls?.key?.reveal(),
  };
}

/** What no log may show. */
export const secretsOf = ({ broker, dome }: Config) => [
  ...[broker, broker.second].flatMap((one) => [one?.password ?? null, one?.tls?.key ?? null]),
  dome?.password ?? null,
];

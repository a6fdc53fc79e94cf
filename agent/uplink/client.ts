// How the MQTT.js client is set up: address, login, session, will. One place, so that the test of a broker
// (probe.ts) is made with the very login that the line itself uses.

import type { IClientOptions, MqttClient } from 'mqtt';
import type { Clock, Ids } from '../ports.ts';
import type { Dates } from './dates.ts';
import { streamTo } from './stream.ts';
import type { Level } from './version.ts';

export interface Broker {
  /** `mqtts://host:port`; `mqtt://` only where the configuration allows it. */
  readonly url: string;
  readonly clientId: string;
  /** PEM, not paths. */
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

export interface Will {
  readonly topic: string;
  readonly payload: string;
  readonly delayS: number;
}

export const keepaliveS = 10;
const connectTimeoutMs = 15_000;
/** The session outlives the will's delay, so that a short gap tells nobody that we are gone. */
const sessionExpiryS = 60;
const inboundMaximum = 32;

/** Full jitter; never so short that a refused connection spins. */
export const jitter = (capMs: number, ids: Ids): number =>
  Math.max(20, Math.round(ids.chance() * capMs));

/** What every connection to a broker has in common. */
export function loginOf(broker: Broker, level: Level): IClientOptions {
  const { username, password, clientId } = broker;
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    clientId,
    protocolVersion: level,
    resubscribe: false,
    queueQoSZero: false,
    timerVariant: 'native',
  };
}

export function optionsOf(broker: Broker, will: Will, level: Level): IClientOptions {
  return {
    ...loginOf(broker, level),
    // A kept session: a reconnect within the will's delay takes the will back.
    clean: false,
    keepalive: keepaliveS,
    connectTimeout: connectTimeoutMs,
    reconnectOnConnackError: true,
    properties: { sessionExpiryInterval: sessionExpiryS, receiveMaximum: inboundMaximum },
    will: {
      topic: will.topic,
      payload: Buffer.from(will.payload),
      qos: 1,
      retain: true,
      properties: { willDelayInterval: will.delayS },
    },
  };
}

export interface Way {
  readonly broker: Broker;
  readonly dates: Dates;
  readonly clock: Clock;
}

/** The library, loaded when a line is opened. Without its table of all 65,536 numbers as bytes, which
 * took 43 ms of the start. */
export async function loadMqtt() {
  const [mqtt, { writeToStream }] = await Promise.all([import('mqtt'), import('mqtt-packet')]);
  writeToStream.cacheNumbers = false;
  return mqtt;
}

/** A client that begins to connect. */
export function clientOf(
  { MqttClient, UniqueMessageIdProvider }: Awaited<ReturnType<typeof loadMqtt>>,
  { broker, dates, clock }: Way,
  options: IClientOptions,
): MqttClient {
  const messageIdProvider = new UniqueMessageIdProvider();
  return new MqttClient(() => streamTo(broker, dates, clock), { ...options, messageIdProvider });
}

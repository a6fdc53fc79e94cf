// How the MQTT.js client is set up: address, login, session, will. One place, so that the test of a broker
// (probe.ts) is made with the very login that the line itself uses.

import type { IClientOptions } from 'mqtt';
import type { Ids } from '../ports.ts';
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
  const url = new URL(broker.url);
  const { ca, cert, key, username, password, clientId } = broker;
  const given = Object.entries({ ca, cert, key, username, password });
  return {
    ...Object.fromEntries(given.filter(([, value]) => value !== undefined)),
    host: url.hostname.replace(/^\[|\]$/g, ''),
    ...(url.port ? { port: Number(url.port) } : {}),
    protocol: url.protocol === 'mqtts:' ? 'mqtts' : 'mqtt',
    rejectUnauthorized: true,
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

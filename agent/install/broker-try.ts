// A real connection to the broker, as the daemon will make it: TLS, login, subscription, and a message that
// is acknowledged. Beside a daemon that runs, under the client id of its own probes. One sentence says where
// it failed and what to do.

import type { IClientOptions, MqttClient } from 'mqtt';
import { type HealthMessage, topicsOf } from '../contract.ts';
import type { Clock } from '../ports.ts';
import { type Broker, clientOf, loadMqtt, loginOf } from '../uplink/client.ts';
import { Dates } from '../uplink/dates.ts';
import { probeSuffix } from '../uplink/probe.ts';
import { errorReason, isCut, refusalOf } from '../uplink/reason.ts';
import type { Level } from '../uplink/version.ts';
import { codes, Trouble, type Words } from './words.ts';

export interface BrokerTry {
  readonly terminal: string;
  readonly broker: Broker;
  readonly clock: Clock;
  /** Default: 15 s for all of it. */
  readonly withinMs?: number;
}

/** What the broker speaks. Throws a `Trouble`. */
export async function tryBroker(asked: BrokerTry): Promise<Level> {
  const five = await tryWith(asked, 5);
  if (five === null) return 5;
  const four = five.isOfVersion ? await tryWith(asked, 4) : five;
  if (four === null) return 4;
  const { words } = five.isOfVersion ? five : four;
  throw new Trouble(codes.unavailable, words);
}

interface Failure {
  readonly words: Words;
  /** Perhaps it speaks only the older MQTT. */
  readonly isOfVersion: boolean;
}

/** null: all of it worked. */
async function tryWith(asked: BrokerTry, level: Level): Promise<Failure | null> {
  const { broker, clock, withinMs = 15_000 } = asked;
  const dates = new Dates(clock, null);
  const options: IClientOptions = {
    ...loginOf({ ...broker, clientId: `${broker.clientId}${probeSuffix}` }, level),
    ...{ clean: true, reconnectPeriod: 0, connectTimeout: withinMs, keepalive: 0 },
  };
  const client = clientOf(await loadMqtt(), { broker, dates, clock }, options);
  return new Promise((done) => {
    const end = (failure: Failure | null) => {
      cancel();
      client.end(failure !== null);
      done(failure);
    };
    const failed = (words: Words, isOfVersion = false) => end({ words, isOfVersion });
    const cancel = clock.after(withinMs, () => failed(silent(broker.url, withinMs)));
    let isIn = false;
    client.on('error', (error) => {
      const code = 'code' in error ? error.code : null;
      failed(wordsOf(error, dates.reason(error, broker)), code === 1 || code === 132);
    });
    client.on('close', () => failed(isIn ? cutLater : cutBefore, !isIn));
    client.once('connect', () => {
      isIn = true;
      exchange(client, asked, (words) => (words ? failed(words) : end(null)));
    });
  });
}

/** Hears what the daemon hears, says what the daemon says. */
function exchange(client: MqttClient, asked: BrokerTry, done: (words: Words | null) => void): void {
  const { commands, receipt, health } = topicsOf(asked.terminal);
  let reasonCode = 0;
  client.on('packetreceive', (packet) => {
    if (packet.cmd === 'puback') reasonCode = packet.reasonCode ?? 0;
  });
  client.subscribe([commands, receipt], { qos: 1 }, (error, granted) => {
    const isRefused = error !== null || (granted ?? []).some(({ qos }) => qos >= 128);
    if (isRefused) return done(mayNotHear(commands, error ? errorReason(error) : 'refused'));
    client.publish(health, healthNow(asked), { qos: 1 }, (failure) => {
      if (failure) done(mayNotSay(health, errorReason(failure)));
      else done(reasonCode >= 128 ? mayNotSay(health, refusalOf(reasonCode)) : null);
    });
  });
}

function healthNow({ terminal, clock }: BrokerTry): string {
  const { bootId, wallMs, monoMs, clock: quality } = clock.now();
  const figures = { uptimeS: 0, rssMb: 0, outboxRows: 0, transactions: 0, faults: [] };
  const health: HealthMessage = {
    ...{ v: 1, terminal, bootId, wallMs, monoMs, clock: quality },
    ...figures,
  };
  return JSON.stringify(health);
}

const silent = (url: string, withinMs: number): Words => [
  `The broker at ${url} does not answer within ${withinMs / 1000} s: check address, network and firewall.`,
  `平台 ${url} 在 ${withinMs / 1000} 秒内无应答:请检查地址、网络和防火墙。`,
];
const cutBefore: Words = [
  'The broker closed the connection before it let us in: check the port, user and certificate.',
  '平台在登录前断开了连接:请检查端口、用户和证书。',
];
const cutLater: Words = [
  'The broker let us in and then closed the connection: ask its administrator for the reason.',
  '平台在登录后断开了连接:请询问平台管理员。',
];
const mayNotHear = (topic: string, why: string): Words => [
  `Logged in, but may not subscribe to ${topic} (${why}): the ACL of the broker must allow it.`,
  `已登录,但不允许订阅 ${topic}(${why}):请平台管理员在 ACL 中放行。`,
];
const mayNotSay = (topic: string, why: string): Words => [
  `Logged in, but may not publish to ${topic} (${why}): the ACL of the broker must allow it.`,
  `已登录,但不允许发布 ${topic}(${why}):请平台管理员在 ACL 中放行。`,
];

/** What a person does about it, by the code of system, TLS or MQTT. */
const chinese: { readonly [code: string]: string } = {
  ECONNREFUSED: '平台拒绝连接:请检查地址和端口,平台是否在运行',
  ECONNRESET: '连接被平台或中间设备切断:请检查端口、证书和防火墙',
  EPIPE: '连接被平台或中间设备切断:请检查端口、证书和防火墙',
  ETIMEDOUT: '无应答:请检查网络、地址和防火墙',
  EHOSTUNREACH: '主机不可达:请检查网线、网关和地址',
  ENETUNREACH: '网络不可达:请检查网线和网络设置',
  ENOTFOUND: '域名无法解析:请检查地址和 DNS 服务器',
  EAI_AGAIN: '域名无法解析(DNS 无应答):请检查网络',
  CERT_HAS_EXPIRED: '平台证书已过期:请检查本机日期,或请平台更新证书',
  CERT_NOT_YET_VALID: '平台证书尚未生效:请检查本机时钟',
  DEPTH_ZERO_SELF_SIGNED_CERT: '平台证书是自签名的:请提供其 CA 证书',
  SELF_SIGNED_CERT_IN_CHAIN: '平台证书由未知 CA 签发:请提供正确的 CA 证书',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: '平台证书由未知 CA 签发:请提供正确的 CA 证书',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: '平台证书由未知 CA 签发:请提供正确的 CA 证书',
  ERR_TLS_CERT_ALTNAME_INVALID: '平台证书的名称与地址不符:请使用证书中的名称',
  ERR_SSL_WRONG_VERSION_NUMBER: '该端口不是 TLS:请使用 TLS 端口(通常为 8883)',
  4: '用户名或密码错误',
  5: '未获授权:请检查用户、证书和平台 ACL',
  134: '用户名或密码错误',
  135: '未获授权:请检查用户、证书和平台 ACL',
  138: '本终端被平台禁止登录',
};

function wordsOf(error: Error, english: string): Words {
  const code = 'code' in error ? String(error.code) : '';
  const isOurs = code.includes('ALERT') || isCut(code);
  const zh =
    chinese[code] ??
    (isOurs ? '平台不接受本终端的证书:请检查证书是否由平台 CA 签发且未过期' : null);
  return [`No connection to the broker: ${english}.`, `无法连接平台:${zh ?? english}。`];
}

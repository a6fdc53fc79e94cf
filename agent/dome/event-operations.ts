// The ONVIF operations of a pull point, each as data like those of operations.ts, and its messages as plain
// notices. Times that a dome tells are not looked at: some are its local time, some end in +00:00, and its
// clock may be wrong by years.

import { echoedOf, type Reference } from './addressing.ts';
import type { Operation } from './operations.ts';
import { all, text, type XmlNode } from './xml.ts';

/** Something that happened at the dome, or that is so. */
export interface Notice {
  /** `Device/Trigger/DigitalInput`: without prefixes. */
  readonly topic: string;
  /** It tells how it is, not that it has changed. */
  readonly initial: boolean;
  /** Token of the input, the rule, the channel; empty where none is told. */
  readonly sources: readonly string[];
  /** Null: it tells neither on nor off, it happened. */
  readonly state: boolean | null;
  /** `state` was told as that of a contact: open or closed. */
  readonly byContact: boolean;
  /** Unix ms by the dome's clock, only to be compared within one answer; null: not told. */
  readonly utcMs: number | null;
}

/** Of one answer; what is beyond is a dome gone wild. */
export const noticesMax = 256;

const nothing = (): null => null;
const seconds = (s: number): string => `PT${s}S`;
const action = (name: string): string => `http://www.onvif.org/ver10/events/wsdl/${name}Request`;
const manager = (name: string): string =>
  `http://docs.oasis-open.org/wsn/bw-2/SubscriptionManager/${name}Request`;

/** `forS` null: as long as the dome likes; some refuse to be told. Answers where the pull point is. */
export const createPullPoint: Operation<{ readonly forS: number | null }, Reference | null> = {
  name: 'CreatePullPointSubscription',
  service: 'events',
  action: action('EventPortType/CreatePullPointSubscription'),
  body: ({ forS }) =>
    forS === null ? '' : `<n:InitialTerminationTime>${seconds(forS)}</n:InitialTerminationTime>`,
  read: (reply, xml) => {
    const address = text(reply, 'SubscriptionReference', 'Address')?.trim();
    return address ? { address, echoed: echoedOf(xml) } : null;
  },
};

export const pullMessages: Operation<
  { readonly waitS: number; readonly limit: number },
  readonly Notice[]
> = {
  name: 'PullMessages',
  service: 'pullPoint',
  action: action('PullPointSubscription/PullMessages'),
  body: ({ waitS, limit }) =>
    `<n:Timeout>${seconds(waitS)}</n:Timeout><n:MessageLimit>${limit}</n:MessageLimit>`,
  read: noticesOf,
};

/** Asks to be told how everything is. */
export const synchronise: Operation<null, null> = {
  name: 'SetSynchronizationPoint',
  service: 'pullPoint',
  action: action('PullPointSubscription/SetSynchronizationPoint'),
  body: () => '',
  read: nothing,
};

export const renew: Operation<{ readonly forS: number }, null> = {
  name: 'Renew',
  service: 'subscription',
  action: manager('Renew'),
  body: ({ forS }) => `<n:TerminationTime>${seconds(forS)}</n:TerminationTime>`,
  read: nothing,
};

export const unsubscribe: Operation<null, null> = {
  name: 'Unsubscribe',
  service: 'subscription',
  action: manager('Unsubscribe'),
  body: () => '',
  read: nothing,
};

/** One message, several, several in one envelope: all are read. What cannot be understood is left out. */
function noticesOf(reply: XmlNode): readonly Notice[] {
  return all(reply, 'NotificationMessage')
    .flatMap((one) => {
      const topic = topicOf(text(one, 'Topic') ?? '');
      const messages = all(one, 'Message').flatMap((outer) => {
        const inner = all(outer, 'Message');
        return inner.length > 0 ? inner : [outer];
      });
      return topic === '' ? [] : messages.map((message) => noticeOf(topic, message));
    })
    .slice(0, noticesMax);
}

const topicOf = (raw: string): string =>
  raw
    .trim()
    .split('/')
    .map((step) => step.slice(step.indexOf(':') + 1))
    .join('/');

function noticeOf(topic: string, message: XmlNode): Notice {
  const values = (...path: string[]) =>
    all(message, ...path, 'SimpleItem').flatMap((item) => text(item, '@Value')?.trim() ?? []);
  const utcMs = Date.parse(text(message, '@UtcTime') ?? '');
  const data = values('Data').filter((value) => stateOf(value) !== null);
  return {
    topic,
    initial: text(message, '@PropertyOperation')?.trim() === 'Initialized',
    sources: [...values('Source'), ...values('Key')],
    state: stateOf(data[0] ?? ''),
    byContact: /^(open|closed)$/i.test(data[0] ?? ''),
    utcMs: Number.isNaN(utcMs) ? null : utcMs,
  };
}

const words: { readonly [word: string]: boolean } = {
  ...{ true: true, on: true, active: true, '1': true, closed: true },
  ...{ false: false, off: false, inactive: false, '0': false, open: false },
};

function stateOf(value: string): boolean | null {
  const word = value.toLowerCase();
  return Object.hasOwn(words, word) ? (words[word] ?? null) : null;
}

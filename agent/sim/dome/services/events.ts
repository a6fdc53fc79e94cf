// The event service of the simulated dome, in its words.

import { child, type Element, escapeText, SimFault } from '../envelope.ts';
import type { Kept, Notice } from '../events.ts';
import type { Inside } from '../services.ts';
import { argument, type Handler, tt } from './support.ts';

const usualMs = 60_000;
const waitMsMax = 60_000;

/** ISO 8601, seconds and minutes; an absolute time is taken for a minute. */
function milliseconds(duration: string | undefined): number {
  const [, minutes, seconds] = /^PT(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?$/.exec(duration ?? '') ?? [];
  if (minutes === undefined && seconds === undefined) return usualMs;
  return (Number(minutes ?? 0) * 60 + Number(seconds ?? 0)) * 1000;
}

/** In UTC; some write it as an offset of nothing (agsh/onvif, and its loop stops). */
const iso = (ms: number, { events: { habits } }: Inside): string =>
  new Date(ms).toISOString().replace('Z', habits.utcOffset ? '+00:00' : 'Z');

const times = (inside: Inside, forMs: number): string => {
  const now = inside.now();
  return (
    `<wsnt:CurrentTime>${iso(now, inside)}</wsnt:CurrentTime>` +
    `<wsnt:TerminationTime>${iso(now + forMs, inside)}</wsnt:TerminationTime>`
  );
};

const item = ([name, value]: Notice['data']): string =>
  `<tt:SimpleItem Name="${escapeText(name)}" Value="${escapeText(value)}"/>`;

const own = 'urn:rehearsal:events';

/** In the address, or in what was to be said with each call (WS-Addressing). */
function idIn(path: string, header: Element | undefined, { events }: Inside): string {
  if (!events.habits.parameters) return path.slice(path.lastIndexOf('/') + 1);
  const said = child(header, 'Subscription', own);
  const isMarked = Object.entries(said?.attributes ?? {}).some(
    ([name, value]) => name.endsWith(':IsReferenceParameter') && value === 'true',
  );
  return isMarked ? (child(said, 'Id', own)?.text ?? '') : '';
}

/** One behind the other, or all in one. */
function messages(pulled: readonly Kept[], inside: Inside): string {
  const told = pulled.map(({ topic, source, data, operation, atMs }) => {
    const at = `UtcTime="${iso(atMs, inside)}" PropertyOperation="${operation}"`;
    const message = tt('Message', tt('Source', item(source)) + tt('Data', item(data)), at);
    return { topic, inner: `<wsnt:Message>${message}</wsnt:Message>` };
  });
  const whole = (topic: string, inner: string) => {
    const dialect = 'Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet"';
    const named = `<wsnt:Topic ${dialect}>${topic}</wsnt:Topic>`;
    return `<wsnt:NotificationMessage>${named}${inner}</wsnt:NotificationMessage>`;
  };
  if (!inside.events.habits.bundles)
    return told.map(({ topic, inner }) => whole(topic, inner)).join('');
  const topics = [...new Set(told.map(({ topic }) => topic))];
  return topics
    .map((topic) => {
      const of = told.filter((one) => one.topic === topic);
      return whole(topic, of.map(({ inner }) => inner).join(''));
    })
    .join('');
}

const gone = (): SimFault =>
  new SimFault(400, 'Sender', ['ResourceUnknownFault'], 'no such subscription');

export const events: { readonly [operation: string]: Handler } = {
  GetServiceCapabilities: () =>
    '<tev:Capabilities WSSubscriptionPolicySupport="false" WSPullPointSupport="true" ' +
    'MaxNotificationProducers="8" MaxPullPoints="8" PersistentNotificationStorage="false"/>',
  GetEventProperties: () =>
    '<wsnt:FixedTopicSet>true</wsnt:FixedTopicSet><wstop:TopicSet>' +
    '<tns1:Device><Trigger><Relay wstop:topic="true"/></Trigger></tns1:Device></wstop:TopicSet>',
  CreatePullPointSubscription: (request, inside) => {
    const given = child(request, 'InitialTerminationTime', request.namespace)?.text;
    const forMs = milliseconds(given);
    const id = inside.events.subscribe(forMs);
    if (id === null)
      throw new SimFault(500, 'Receiver', ['SubscribeCreationFailedFault'], 'no pull point left');
    const { origin, abilities, events } = inside;
    const address = origin() + abilities.paths.events + (events.habits.parameters ? '' : `/${id}`);
    const parameters = events.habits.parameters
      ? '<wsa:ReferenceParameters><own:Subscription>' +
        `<own:Id>${id}</own:Id></own:Subscription></wsa:ReferenceParameters>`
      : '';
    return (
      `<tev:SubscriptionReference xmlns:own="${own}"><wsa:Address>${address}</wsa:Address>` +
      `${parameters}</tev:SubscriptionReference>${times(inside, forMs)}`
    );
  },
  PullMessages: async (request, inside, path, header) => {
    const waitMs = Math.min(waitMsMax, milliseconds(argument(request, 'Timeout')));
    const limit = Number(argument(request, 'MessageLimit'));
    const pulled = await inside.events.pull(idIn(path, header, inside), limit, waitMs);
    if (pulled === null) throw gone();
    const [current, ends] = times(inside, usualMs)
      .replace(/wsnt:/g, 'tev:')
      .split(/(?=<tev:Term)/);
    return `${current}${ends}${messages(pulled, inside)}`;
  },
  SetSynchronizationPoint: () => '',
  Renew: (request, inside, path, header) => {
    const forMs = milliseconds(child(request, 'TerminationTime', request.namespace)?.text);
    if (!inside.events.renew(idIn(path, header, inside), forMs)) throw gone();
    return times(inside, forMs);
  },
  Unsubscribe: (_, inside, path, header) => {
    const { events: all } = inside;
    if (!all.unsubscribe(idIn(path, header, inside))) throw gone();
    if (all.habits.endsAll) all.forget();
    return '';
  },
};

/** These two are not ONVIF's own words. */
export const foreign: readonly string[] = ['Renew', 'Unsubscribe'];

/** Of a relay, as ONVIF's core specification names it; `byContact`: of one that is closed while idle. */
export const relayNotice = (token: string, on: boolean, byContact = false): Notice => ({
  topic: 'tns1:Device/Trigger/Relay',
  source: ['RelayToken', token],
  data: ['LogicalState', wordOf(on, byContact)],
});

function wordOf(on: boolean, byContact: boolean): string {
  if (byContact) return on ? 'open' : 'closed';
  return on ? 'active' : 'inactive';
}

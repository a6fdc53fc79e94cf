// The event service of the simulated dome, in its words.

import { child, escapeText, SimFault } from '../envelope.ts';
import type { Notice } from '../events.ts';
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

const times = ({ now }: Inside, forMs: number): string => {
  const iso = (ms: number) => new Date(ms).toISOString();
  return (
    `<wsnt:CurrentTime>${iso(now())}</wsnt:CurrentTime>` +
    `<wsnt:TerminationTime>${iso(now() + forMs)}</wsnt:TerminationTime>`
  );
};

const item = ([name, value]: Notice['data']): string =>
  `<tt:SimpleItem Name="${escapeText(name)}" Value="${escapeText(value)}"/>`;

const idIn = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

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
    const address = `${inside.origin()}${inside.abilities.paths.events}/${id}`;
    const reference = `<wsa:Address>${address}</wsa:Address>`;
    return `<tev:SubscriptionReference>${reference}</tev:SubscriptionReference>${times(inside, forMs)}`;
  },
  PullMessages: async (request, inside, path) => {
    const waitMs = Math.min(waitMsMax, milliseconds(argument(request, 'Timeout')));
    const limit = Number(argument(request, 'MessageLimit'));
    const pulled = await inside.events.pull(idIn(path), limit, waitMs);
    if (pulled === null) throw gone();
    const told = pulled.map(({ topic, source, data, operation, atMs }) => {
      const at = `UtcTime="${new Date(atMs).toISOString()}" PropertyOperation="${operation}"`;
      const message = tt('Message', tt('Source', item(source)) + tt('Data', item(data)), at);
      const dialect = 'Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet"';
      const named = `<wsnt:Topic ${dialect}>${topic}</wsnt:Topic>`;
      const whole = `${named}<wsnt:Message>${message}</wsnt:Message>`;
      return `<wsnt:NotificationMessage>${whole}</wsnt:NotificationMessage>`;
    });
    const [current, ends] = times(inside, usualMs)
      .replace(/wsnt:/g, 'tev:')
      .split(/(?=<tev:Term)/);
    return `${current}${ends}${told.join('')}`;
  },
  SetSynchronizationPoint: () => '',
  Renew: (request, inside, path) => {
    const forMs = milliseconds(child(request, 'TerminationTime', request.namespace)?.text);
    if (!inside.events.renew(idIn(path), forMs)) throw gone();
    return times(inside, forMs);
  },
  Unsubscribe: (_, { events: all }, path) => {
    if (!all.unsubscribe(idIn(path))) throw gone();
    return '';
  },
};

/** These two are not ONVIF's own words. */
export const foreign: readonly string[] = ['Renew', 'Unsubscribe'];

/** Of a relay, as ONVIF's core specification names it. */
export const relayNotice = (token: string, on: boolean): Notice => ({
  topic: 'tns1:Device/Trigger/Relay',
  source: ['RelayToken', token],
  data: ['LogicalState', on ? 'active' : 'inactive'],
});

// The agent among the others, as a Markdown table: RESULTS.md and the README show the same.

import type { Results } from '../results.ts';

const tools = {
  agent: () => 'gate-agent',
  bridge: (version) => `mosquitto ${version}, bridge, autosave on every change`,
  node_red: (version) => `Node-RED ${version}, mqtt out, QoS 1`,
  paho: (version) => `Paho C ${version}, MQTTAsync, file persistence`,
} satisfies { readonly [name: string]: (version: string) => string };

/** Empty where they have not been measured. */
export function peersTable(results: Results): string {
  if (results.peer_agent_p50_ms === undefined) return '';
  const lines = Object.entries(tools).map(([name, called]) => {
    const of = (figure: string) => results[`peer_${name}_${figure}`] ?? '?';
    const what = called(`${of('version')}`);
    const missing = of('missing');
    if (missing !== '?' && missing !== '') return `| ${called('')}: ${missing} ||||||||`;
    const cells = [
      what,
      `${of('p50_ms')} ms`,
      `${of('p99_ms')} ms`,
      `${of('rss_mb')} MB`,
      of('fsyncs_a_message'),
      `${of('lost_up')} / ${of('lost_down')}`,
      of('taken'),
      of('again'),
      name === 'agent' ? of('doubled') : '-',
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const head = [
    'tool | p50 | p99 | memory | fsyncs a message | lost: city up / down | of | heard again | two ids',
  ];
  return [`| ${head} |`, `|${'---|'.repeat(9)}`, ...lines].join('\n');
}

export const peerNotes = `Side by side in one run, by turns, messages of the size of the agent's alarm.
p50 and p99: from the publishing call to a subscriber at the city's broker; of the agent from the fact,
so that its commit is in it. fsyncs: fsync and fdatasync as \`strace -c\` counts them; of the agent for a
whole incident, receipt and resolution included.

Lost: SIGKILL the moment the user has been told that a message is taken, four messages a kill, the
city's broker up or down by turns; taken and never heard at the city. Taken is for the bridge its PUBACK,
for Paho the return of MQTTAsync_sendMessage, for the agent the commit (durable), and for Node-RED what
the flow handed to mqtt out, which says nothing more and drops it while it is not connected. The bridge
sends and acknowledges first and saves afterwards: its fsync holds nothing up, and guards nothing
that was acknowledged meanwhile. A SIGKILL leaves the kernel's buffers alone; a power cut takes what
was not fsynced, with Paho all of it.

Heard again: under the same id; the agent's id is its own, and the platform knows a message by it. The
others give none but what the user writes into the message. Two ids: one press told as two alarms.`;

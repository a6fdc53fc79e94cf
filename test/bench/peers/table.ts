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

export const peerNotes = `Side by side in one run, by turns, messages of the size of the agent's alarm. p50 and p99: from the
publishing call (agent: from the fact, so its commit is in it) to a subscriber at the city's broker.
fsyncs: fsync and fdatasync as \`strace -c\` counts them; of the agent for a whole incident, receipt and
resolution included. Lost: SIGKILL the moment the user has been told that a message is taken, four
messages a kill, the city's broker up or down by turns; taken and never heard at the city. Taken is for
the bridge its PUBACK, for Paho the return of MQTTAsync_sendMessage, for the agent the commit, and for
Node-RED what the flow handed to mqtt out, which says nothing more and drops it while not connected.
Heard again: under the same id; the agent's is its own and the platform knows it by that, the others
give none but what the user writes into the message. Two ids: one press told as two alarms. A SIGKILL
leaves the kernel's buffers: what was not fsynced before it was told is lost with the power, too.`;

// RESULTS.md from results.json.

import { peerNotes, peersTable } from './peers/table.ts';
import type { Results } from './results.ts';
import { rows } from './rows.ts';

const told = /^(commit|date|machine_.*|.*_commit|.*_date|peers?_.*)$/;

/** `floor_drain_rows_per_s` -> `rows/s`. */
function unitOf(key: string): string {
  const units = {
    min: ' min',
    per_s: '/s',
    ms: ' ms',
    db: ' dB',
    mb: ' MB',
    pct: ' %',
    bytes: ' bytes',
    us_a_row: ' us a row',
    s: ' s',
  };
  const found = Object.entries(units).find(([end]) => key.endsWith(`_${end}`));
  return found?.[1] ?? '';
}

/** The figures that have a row, as a Markdown table: RESULTS.md and the README show the same. */
export function tableOf(results: Results): string {
  const value = (key: string | undefined) =>
    key === undefined || results[key] === undefined ? '' : `${results[key]}${unitOf(key)}`;
  const known = rows.filter(({ key }) => results[key] !== undefined);
  const lines = known.map(({ what, key, floor, ratio, target = '' }) => {
    const times = value(ratio);
    return `| ${what} | ${value(key)} | ${value(floor)} | ${times && `${times} x`} | ${target} |`;
  });
  return ['| figure | here | floor | ratio | target |', '|---|---|---|---|---|', ...lines].join(
    '\n',
  );
}

export function rendered(results: Results): string {
  const named = new Set(rows.flatMap(({ key, floor, ratio }) => [key, floor, ratio]));
  const others = Object.keys(results).filter((key) => !named.has(key) && !told.test(key));
  const peers = peersTable(results);
  return [
    '# Benchmark results',
    '',
    'Written by `npm run bench`; `test/bench/run.ts` says what is measured, and how.',
    '',
    machineOf(results),
    '',
    tableOf(results),
    ...(others.length > 0 ? ['', 'Other:', ''] : []),
    ...others.map((key) => `- ${key}: ${results[key]}`),
    '',
    ...(peers === '' ? [] : ['## What a user would pick instead', '', peers, '', peerNotes, '']),
    '## How it is measured',
    '',
    notes,
    '',
  ].join('\n');
}

function machineOf(results: Results): string {
  const { machine_cpu, machine_cores, machine_memory_gb, machine_kernel, machine_node } = results;
  const parts = Object.keys(results).filter((key) => /._commit$/.test(key));
  const when = parts.map((key) => {
    const part = key.slice(0, -'_commit'.length);
    return `${part} ${results[`${part}_date`]} at ${results[key]}`;
  });
  const machine = `${machine_cpu}, ${machine_cores} cores, ${machine_memory_gb} GB`;
  return `${machine}; Linux ${machine_kernel}; Node ${machine_node}. Measured: ${when.join('; ')}.`;
}

const notes = `The press: from the write of the box's frame to its end of the pty. Step: the loop takes the
edge up. Row: the commit has returned. PUBACK: the loop takes up that the broker has it. Strobe: the
dome has read the whole request. Each press is a fresh incident on a quiet terminal; presses of the
agent and of the floor take turns, 20 to 60 ms apart.

The floor does the same steps in the same order, in the same run, in a bare Node process with fs and
net and no library: read of a pty, 4 KiB over a file that is there already and fdatasync, PUBLISH
(QoS 1) and POST on open sockets, the agent's own bytes. Floor of the drain: the same bytes on a bare
socket, 16 in flight, nothing stored. Floor of start and idle: a bare node.

Thin line: the floor publishes the agent's alarm on a bare socket over a line of the same kind. TLS and
dome: in the place of the floor stands another terminal with plain TCP, with a dome that answers; all
press by turns. Connect: from the broker's end taking the connection to the fact \`uplink.online\`; a
mosquitto without \`set_tcp_nodelay\` holds its CONNACK for some 40 ms behind the session tickets.
Media killed: two terminals in a call and with a picture; the talk and the live process of one are
killed by turns, and it is pressed around the kill and while the process comes back, five times each;
the other, when both are well.
Backlog: the terminal was started while the broker was down; the platform sends receipts for what
came in 5 ms, 200 at most; each row was looked for.

Echo: the simulated room of agent/sim/sound (40 ms, RT60 0.3 s, -3 dB), two voices of the prompts; no
real card was at hand. \`echo_stalls\`: blocks that the machine was late with; 0 is a clean run.

Talk: from the air at one side to the air at the other, found by correlation of bursts of noise, one
voice at a time. The gate room has virtual cards with clocks of their own and the echo canceller at
work; the caller is libwebrtc, without a browser's own buffers for microphone and loudspeaker. Gaps:
stretches in a tone, 20 dB below its level, both ways, by way of a UDP relay that loses and delays,
directly or on the caller's way to coturn; pieces in which one of the processes was not on time by its
own clock are left out.

Live: from the offer in Chromium to its first presented picture, joining at any time of a group of 2 s.
Processor: of the live process alone; with nobody looking its ffmpeg is counted, too. The floor is an
ffmpeg that copies the same stream to RTP. Viewers are node-datachannel's own, in another process.

Stick: from the write of a move (QoS 0) to the broker to the dome having read the whole request; its
floor is that request written to the dome on an open socket, by turns; what is told as above it is the
difference of the two.

Tracking: a person who walks past the simulated dome at 1.5 m/s, some 15 m away, 35 s of him from the
alarm, counted from the third second on; the picture shows 34 degrees. Within 15 %: of the way from the
middle to the edge, across and down at once (half of what 15 % of the picture's width would be). Virtual
time: tracker, motors and analytics (10 pictures a second, told 200 to 260 ms late, trembling, with other
numbers after a tree) as they are, 24 ms a call in place of SOAP. [Three of the walks](track.svg).

A ratio is here / floor (of the drain: floor / here), so 1 is as good as bare.`;

// RESULTS.md from results.json. A later benchmark adds a row here; a key that no row names is
// listed under "Other".

import { peerNotes, peersTable } from './peers/table.ts';
import type { Results } from './results.ts';

interface Row {
  readonly what: string;
  readonly key: string;
  readonly floor?: string;
  readonly ratio?: string;
  readonly target?: string;
}

const path = (what: string, name: string, floor: string, targets: readonly string[]): Row[] =>
  ['p50', 'p99'].map((p, n) => ({
    what: `${what}, ${p}`,
    key: `${name}_${p}_ms`,
    floor: `floor_${floor}_${p}_ms`,
    ratio: `${name}_${p}_ratio`,
    ...(targets[n] ? { target: targets[n] } : {}),
  }));

/** The same measured without what is in question, by turns, stands where the floor stands. */
const besides = (what: string, name: string, without: string, targets: readonly string[]): Row[] =>
  ['p50', 'p99'].map((p, n) => ({
    what: `${what}, ${p}`,
    key: `${name}_${p}_ms`,
    floor: `${without}_${p}_ms`,
    ratio: `${name}_${p}_ratio`,
    ...(targets[n] ? { target: targets[n] } : {}),
  }));

const heard = (what: string, name: string, targets: readonly string[]): Row[] =>
  ['p50', 'p95'].map((p, n) => ({
    what: `${what}, ${p}`,
    key: `${name}_${p}_ms`,
    ...(targets[n] ? { target: targets[n] } : {}),
  }));

/** One core's share, above what the ingest takes with nobody looking; an ffmpeg that copies beside it. */
const viewers = (size: string, target: string): Row[] => [
  {
    what: `live ${size}, nobody looking: processor`,
    key: `live_${size}_ingest_core_pct`,
    floor: `floor_live_${size}_core_pct`,
  },
  { what: `live ${size}, 1 viewer above it`, key: `live_${size}_1_viewer_core_pct` },
  { what: `live ${size}, 4 viewers above it`, key: `live_${size}_4_viewers_core_pct`, target },
  {
    what: `live ${size}, 4 viewers: memory (RSS)`,
    key: `live_${size}_4_viewers_rss_mb`,
    floor: `floor_live_${size}_rss_mb`,
  },
];

const rows: readonly Row[] = [
  ...path('press -> step', 'press_to_step', 'read', []),
  ...path('press -> row', 'press_to_row', 'row', ['<= 1.5 x floor', '<= 10 ms']),
  ...path('press -> PUBACK', 'press_to_puback', 'puback', ['<= 2.0 x floor']),
  ...path('press -> strobe request', 'press_to_strobe', 'strobe', ['', '<= 150 ms']),
  ...path('call -> SOAP request, digest', 'dome_call_digest', 'dome_call', ['<= 0.35 ms']),
  ...path('call -> SOAP request, token', 'dome_call_token', 'dome_call', []),
  ...path('stick command -> dome', 'stick', 'stick_post', []),
  { what: 'stick above the bare POST, p99', key: 'stick_over_post_p99_ms', target: '<= 30 ms' },
  {
    what: 'drain of a backlog',
    key: 'drain_rows_per_s',
    floor: 'floor_drain_rows_per_s',
    ratio: 'drain_rows_ratio',
  },
  ...path('50 ms, 20 kB/s: press -> PUBACK', 'thin_press_to_puback', 'thin_puback', []),
  { what: '50 ms, 20 kB/s: a press up, to its receipt', key: 'thin_press_up_bytes' },
  { what: '50 ms, 20 kB/s: a press down, to its receipt', key: 'thin_press_down_bytes' },
  ...besides('TLS: press -> PUBACK', 'tls_press_to_puback', 'plain_press_to_puback', []),
  ...besides('TLS: connect', 'tls_connect', 'plain_connect', []),
  ...besides(
    'TLS: connect, broker with set_tcp_nodelay',
    'tls_connect_nodelay',
    'plain_connect',
    [],
  ),
  ...besides('dome hanging: press -> PUBACK', 'dome_hanging_to_puback', 'dome_well_to_puback', [
    '',
    '<= 1.2 x',
  ]),
  ...besides(
    'dome streaming 10 MB: press -> PUBACK',
    'dome_streaming_to_puback',
    'dome_well_to_puback',
    ['', '<= 1.2 x'],
  ),
  { what: 'dome streaming 10 MB: memory (RSS)', key: 'dome_streaming_rss_mb' },
  { what: 'backlog of an offline terminal', key: 'backlog_rows_per_s', target: '>= 20000/s' },
  { what: 'backlog: processor', key: 'backlog_cpu_us_a_row' },
  { what: 'backlog: lost', key: 'backlog_lost', target: '0' },
  { what: 'backlog: press in the middle -> platform', key: 'backlog_press_to_platform_ms' },
  { what: 'backlog: memory (RSS)', key: 'backlog_rss_mb' },
  {
    what: 'start -> armed, median',
    key: 'start_to_armed_ms',
    floor: 'floor_start_ms',
    ratio: 'start_to_armed_ratio',
    target: '<= 250 ms',
  },
  { what: 'start -> armed, slowest', key: 'start_to_armed_max_ms' },
  { what: 'start -> armed, as the daemon sees it', key: 'start_to_armed_own_ms' },
  { what: 'first start -> armed (makes the database)', key: 'first_start_to_armed_ms' },
  {
    what: 'idle memory (RSS)',
    key: 'idle_rss_mb',
    floor: 'floor_idle_rss_mb',
    ratio: 'idle_rss_ratio',
    target: '<= 100 MB',
  },
  { what: 'idle memory after ten minutes', key: 'idle_rss_after_10min_mb' },
  { what: 'idle processor', key: 'idle_cpu_pct' },
  {
    what: 'echo return loss, mean from the 5th second',
    key: 'echo_return_loss_db',
    target: '>= 30 dB',
  },
  { what: 'echo return loss, worst second', key: 'echo_return_loss_worst_second_db' },
  {
    what: 'echo return loss, clocks 200 ppm apart',
    key: 'echo_return_loss_200ppm_db',
    target: '>= 30 dB',
  },
  { what: 'echo return loss, same, worst second', key: 'echo_return_loss_200ppm_worst_second_db' },
  {
    what: 'echo return loss, 2 s after the loudspeaker moved',
    key: 'echo_return_loss_moved_db',
    target: '>= 20 dB',
  },
  { what: 'near voice lost in double talk', key: 'echo_near_voice_loss_db', target: '<= 9 dB' },
  { what: 'idle transactions in 60 s', key: 'idle_transactions_per_60s' },
  { what: 'idle transactions in 10 min', key: 'idle_transactions_per_10min', target: '<= 10' },
  {
    what: 'live: offer -> first picture, in mid-group, p95',
    key: 'live_first_frame_p95_ms',
    target: '<= 300 ms',
  },
  ...viewers('720p', '<= 8 %'),
  ...viewers('1080p', ''),
  {
    what: 'live: memory from the 50th to the 200th session',
    key: 'live_sessions_200_rss_growth_mb',
    target: '<= 15 MB',
  },
  {
    what: 'live: descriptors left by them',
    key: 'live_sessions_200_descriptors_left',
    target: '0',
  },
  ...heard('talk, one way', 'talk_oneway', ['<= 150 ms', '<= 200 ms']),
  ...heard('talk, to the gate room', 'talk_to_room', []),
  ...heard('talk, from the gate room', 'talk_from_room', []),
  ...heard('talk, one way, TURN over UDP', 'talk_turn_udp_oneway', []),
  ...heard('talk, one way, TURN over TCP', 'talk_turn_tcp_oneway', []),
  ...['0', '5', '15'].flatMap((loss): Row[] => [
    {
      what: `talk, ${loss} % lost, 50 ms jitter: longest gap in a tone`,
      key: `talk_gap_${loss}pct_loss_max_ms`,
      target: '<= 60 ms',
    },
    {
      what: `talk, ${loss} % lost: made up by the receiver`,
      key: `talk_${loss}pct_loss_concealed_pct`,
    },
  ]),
  {
    what: '200 calls: memory, from the 50th to the last',
    key: 'sessions_200_rss_growth_mb',
    target: '<= 15 MB',
  },
  { what: '200 calls: memory of the process (RSS)', key: 'sessions_200_rss_mb' },
  { what: '200 calls: descriptors left', key: 'sessions_200_descriptors_left', target: '0' },
  { what: '200 calls: threads left', key: 'sessions_200_threads_left', target: '0' },
];

const told = /^(commit|date|machine_.*|.*_commit|.*_date|peers?_.*)$/;

/** `floor_drain_rows_per_s` -> `rows/s`. */
function unitOf(key: string): string {
  const units = {
    per_s: '/s',
    ms: ' ms',
    db: ' dB',
    mb: ' MB',
    pct: ' %',
    bytes: ' bytes',
    us_a_row: ' us a row',
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
Backlog: the terminal was started while the broker was down; the platform sends receipts for what
came in 5 ms, 200 at most; each row was looked for.

Echo: the simulated room of agent/sim/sound (40 ms, RT60 0.3 s, -3 dB), two voices of the prompts; no
real card was at hand. \`echo_stalls\`: blocks that the machine was late with; 0 is a clean run.

Talk: from the air at one side to the air at the other, found by correlation of bursts of noise, one
voice at a time. The gate room has virtual cards with clocks of their own and the echo canceller at
work; the caller is libwebrtc, without a browser's own buffers for microphone and loudspeaker. Gaps:
stretches in a tone, 20 dB below its level, both ways, by way of a UDP relay that loses and delays;
pieces in which one of the processes was not on time by its own clock are left out.

Stick: from the write of a move (QoS 0) to the broker to the dome having read the whole request; its
floor is that request written to the dome on an open socket, by turns; what is told as above it is the
difference of the two.

A ratio is here / floor (of the drain: floor / here), so 1 is as good as bare.`;

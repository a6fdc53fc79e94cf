// RESULTS.md and the README's table, row by row. A later benchmark adds its rows here; a key that no row
// names is listed under "Other".

export interface Row {
  readonly what: string;
  readonly key: string;
  readonly floor?: string;
  readonly ratio?: string;
  readonly target?: string;
}

/** The same measured without what is in question, by turns, stands where the floor stands. */
const besides = (what: string, name: string, without: string, targets: readonly string[]): Row[] =>
  ['p50', 'p99'].map((p, n) => ({
    what: `${what}, ${p}`,
    key: `${name}_${p}_ms`,
    floor: `${without}_${p}_ms`,
    ratio: `${name}_${p}_ratio`,
    ...(targets[n] ? { target: targets[n] } : {}),
  }));

const path = (what: string, name: string, floor: string, targets: readonly string[]): Row[] =>
  besides(what, name, `floor_${floor}`, targets);

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
    what: `live ${size}, nobody looking: memory (RSS)`,
    key: `live_${size}_ingest_rss_mb`,
    floor: `floor_live_${size}_rss_mb`,
  },
  { what: `live ${size}, 1 viewer: memory (RSS)`, key: `live_${size}_1_viewer_rss_mb` },
  { what: `live ${size}, 4 viewers: memory (RSS)`, key: `live_${size}_4_viewers_rss_mb` },
];

const gaps = (what: string, name: string, loss: string, target: string): Row[] => [
  { what: `${what}: longest gap in a tone`, key: `${name}_gap_${loss}pct_loss_max_ms`, target },
  { what: `${what}: made up by the receiver`, key: `${name}_${loss}pct_loss_concealed_pct` },
];

/** Of `npm run test:vm`. */
const vm: readonly Row[] = [
  { what: 'VM: power cuts around presses', key: 'power_cuts_vm', target: '>= 30' },
  { what: 'store alone: power cuts', key: 'power_cuts_fast', target: '>= 300' },
  { what: 'presses told as stored and lost by them', key: 'power_cuts_lost_presses', target: '0' },
  { what: 'the same without barriers (control)', key: 'power_cuts_control_lost', target: '> 0' },
  ...['v2', 'sysfs'].flatMap((driver) => [
    { what: `VM: GPIO edge -> step, ${driver}, p99`, key: `gpio_${driver}_to_step_p99_ms` },
    { what: `VM: GPIO edge -> row, ${driver}, p50`, key: `gpio_${driver}_to_row_p50_ms` },
    {
      what: `VM: GPIO edge -> row, ${driver}, p99`,
      key: `gpio_${driver}_to_row_p99_ms`,
      target: '<= 50 ms',
    },
  ]),
  {
    what: 'VM: bare Debian -> accepted terminal',
    key: 'bare_to_accepted_min',
    target: '<= 15 min',
  },
  { what: 'VM: bare Debian boots', key: 'vm_boot_s' },
  { what: 'VM: apt install', key: 'vm_install_s' },
  { what: 'VM: configured -> armed', key: 'vm_configured_to_armed_s' },
  {
    what: 'VM: frozen daemon -> restarted',
    key: 'vm_frozen_daemon_restarted_s',
    target: '<= 15 s',
  },
  { what: 'VM: frozen kernel -> reset', key: 'vm_frozen_kernel_reset_s' },
  { what: 'VM: upgrade with an unsent alarm', key: 'vm_upgrade_s' },
  { what: 'VM: downgrade with an unsent alarm', key: 'vm_downgrade_s' },
];

export const rows: readonly Row[] = [
  ...path('press -> step', 'press_to_step', 'read', []),
  ...path('press -> row', 'press_to_row', 'row', ['<= 1.5 x floor', '<= 10 ms']),
  ...path('press -> PUBACK', 'press_to_puback', 'puback', ['<= 2.0 x floor']),
  ...path('press -> strobe request', 'press_to_strobe', 'strobe', ['', '<= 150 ms']),
  ...path('call -> SOAP request, digest', 'dome_call_digest', 'dome_call', ['<= 0.35 ms']),
  ...path('call -> SOAP request, token', 'dome_call_token', 'dome_call', []),
  ...path('stick command -> dome', 'stick', 'stick_post', []),
  { what: 'stick above the bare POST, p99', key: 'stick_over_post_p99_ms', target: '<= 30 ms' },
  { what: 'domes from seeds that were probed', key: 'probe_seeds' },
  { what: 'domes whose profile is right in everything', key: 'probe_seeds_right', target: 'all' },
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
  ...besides(
    'media process killed in mid-talk: press -> PUBACK',
    'media_kills_press_to_puback',
    'media_calm_press_to_puback',
    ['', '<= 1.2 x'],
  ),
  ...besides(
    'while a case is recorded: press -> PUBACK',
    'press_to_puback_recording',
    'press_to_puback_not_recording',
    ['', '<= 1.2 x'],
  ),
  {
    what: 'clip: begins before the press, groups of 1, 2 and 4 s',
    key: 'clip_before_press_s',
    target: '>= 30 s',
  },
  {
    what: 'clip: memory of the half minute, of bitrate x length',
    key: 'clip_ring_memory_ratio',
    target: '0.85 to 1.15',
  },
  { what: 'clip: the same half minute, megabytes', key: 'clip_ring_mb' },
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
  ...heard('console: alarm published -> on the screen, with sound', 'alarm_to_screen', [
    '',
    '<= 200 ms',
  ]),
  {
    what: 'console: eight pictures at once, p95',
    key: 'console_picture_8_p95_ms',
    target: '<= 1,000 ms',
  },
  {
    what: 'console: eight alarms at once, first card -> picture, p95',
    key: 'console_picture_8_from_card_p95_ms',
  },
  {
    what: 'console: longest task, 500 terminals and 5,000 past cases',
    key: 'console_500_longest_task_ms',
    target: '<= 100 ms',
  },
  { what: 'console: all that is loaded, gzip', key: 'console_gzip_kb', target: '<= 350 kB' },
  ...heard('live: offer -> first picture, in mid-group', 'live_first_frame', ['', '<= 300 ms']),
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
  { what: 'live: threads left by them', key: 'live_sessions_200_threads_left', target: '0' },
  {
    what: 'tracking by the agent: within 15 % of the middle, share of the time',
    key: 'tracking_within_15pct_ratio',
    target: '>= 0.9',
  },
  {
    what: 'tracking: the worst of twenty walks',
    key: 'tracking_within_15pct_worst_walk_ratio',
  },
  {
    what: 'tracking by speeds, where the dome has no moves in its picture',
    key: 'tracking_by_speed_within_15pct_ratio',
    target: '>= 0.9',
  },
  {
    what: 'tracking by speeds: the worst of twenty walks',
    key: 'tracking_by_speed_within_15pct_worst_walk_ratio',
  },
  ...heard('talk, one way', 'talk_oneway', ['<= 150 ms', '<= 200 ms']),
  ...heard('talk, to the gate room', 'talk_to_room', []),
  ...heard('talk, from the gate room', 'talk_from_room', []),
  ...heard('talk, one way, TURN over UDP', 'talk_turn_udp_oneway', []),
  ...heard('talk, one way, TURN over TCP', 'talk_turn_tcp_oneway', []),
  ...['0', '5', '15'].flatMap((loss) => [
    ...gaps(`talk, ${loss} % lost, 50 ms jitter`, `talk`, loss, '<= 60 ms'),
    ...gaps(`talk over TURN, ${loss} % lost, 50 ms jitter`, `talk_turn`, loss, ''),
  ]),
  {
    what: '200 calls: memory, from the 50th to the last',
    key: 'sessions_200_rss_growth_mb',
    target: '<= 15 MB',
  },
  { what: '200 calls: memory of the process (RSS)', key: 'sessions_200_rss_mb' },
  { what: '200 calls: descriptors left', key: 'sessions_200_descriptors_left', target: '0' },
  { what: '200 calls: threads left', key: 'sessions_200_threads_left', target: '0' },
  ...vm,
];

// The command line: reads the arguments, asks over control.sock or checks a file, prints in plain
// words, answers with an exit code. The daemon itself is handed in.

import { userInfo } from 'node:os';
import { type Flags, parse, text } from './arguments.ts';
import {
  type Config,
  loadConfig,
  notesOn,
  type ParseProfile,
  type Surroundings,
  socketIn,
  surroundings,
  wiredInputs,
} from './config.ts';
import { askControl, ControlFailed } from './control.ts';
import { type DomeCommand, domeDiscover } from './dome/command.ts';
import { domeProbe } from './dome/probe-command.ts';
import type { Clock } from './ports.ts';
import { Refusal } from './refusal.ts';
import { exitOf, statusReport, statusText } from './status.ts';
import { systemClock } from './system/clock.ts';
import { teach, UnknownForm } from './teach/command.ts';
import { usage } from './usage.ts';

/** Exit codes, as sysexits.h; `status` has its own beside them (status.ts). */
export const exits = {
  ok: 0,
  usage: 64,
  unavailable: 69,
  cannotWrite: 73,
  protocol: 76,
  noAccess: 77,
  config: 78,
} as const;

export interface RunRequest {
  readonly file: string;
  readonly around: Surroundings;
  /** `--state`, or null: as the environment says. */
  readonly stateDir: string | null;
  /** Where control.sock is while there is no configuration to say so. */
  readonly socket: string;
}

export interface Cli {
  readonly version: string;
  /** Default: the system's. */
  readonly clock?: Clock;
  readonly parseProfile: ParseProfile;
  /** The daemon. Its exit code; a `Refusal` it throws is printed, exit 78. */
  run(request: RunRequest): Promise<number>;
  /** Default: the process's own. */
  readonly out?: (text: string) => void;
  readonly err?: (text: string) => void;
  readonly env?: NodeJS.ProcessEnv;
  /** When `button teach` is to end; default: at Ctrl-C. */
  readonly ended?: () => Promise<void>;
  /** Where ready profiles of domes may lie. */
  readonly domes?: readonly string[];
  /** Who answers `dome probe`; default: standard input. */
  readonly input?: DomeCommand['input'];
}

/** Runs one command; `argv` without node and script. Never throws for what a person typed. */
export async function main(argv: readonly string[], cli: Cli): Promise<number> {
  const out = cli.out ?? ((text: string) => void process.stdout.write(text));
  const err = cli.err ?? ((text: string) => void process.stderr.write(text));
  const typed = parse(argv);
  if (typeof typed === 'string') {
    err(`gate-agent: ${typed}\n\n${usage}`);
    return exits.usage;
  }
  const { command, values } = typed;
  if (command === 'help') out(usage);
  if (command === 'version') out(`${cli.version}\n`);
  if (command === 'help' || command === 'version') return exits.ok;
  const around = cli.env ? surroundings(cli.env) : surroundings();
  const file = text(values.config) ?? around.configFile;
  const asked = { cli, around, file, values, out, err };
  if (command === 'verify') return verify(asked, typed.file);
  if (command === 'export') return exportCase(asked);
  if (command === 'check-config') return checkConfig(asked);
  if (command === 'status') return status(asked);
  if (command === 'button teach') return buttonTeach(asked);
  if (command === 'dome discover') return dome(asked, domeDiscover);
  if (command === 'dome probe') return dome(asked, domeProbe);
  return run(asked);
}

interface Asked {
  readonly cli: Cli;
  readonly around: Surroundings;
  readonly file: string;
  readonly values: Flags;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

async function run({ cli, around, file, values, err }: Asked): Promise<number> {
  const stateDir = text(values.state);
  try {
    return await cli.run({ file, around, stateDir, socket: text(values.socket) ?? around.socket });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    err(refusalText(error, file));
    return exits.config;
  }
}

function checkConfig({ cli, around, file, values, out, err }: Asked): number {
  try {
    const config = loadConfig({ file, around, parseProfile: cli.parseProfile });
    const notes = notesOn(config);
    const json = () => `${JSON.stringify({ ok: true, file, notes })}\n`;
    out(values.json ? json() : summary(config, file));
    return exits.ok;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (values.json) out(`${JSON.stringify({ ok: false, file, fields: error.fields })}\n`);
    else err(refusalText(error, file));
    return exits.config;
  }
}

/** Every wrong field: line, path, value, and what would be right. */
export function refusalText(refusal: Refusal, file: string): string {
  const count = refusal.fields.length;
  const head = `${file}: ${count} ${count === 1 ? 'field is' : 'fields are'} wrong`;
  const lines = refusal.fields.flatMap(({ field, value, hint, line }) => {
    const where = line === undefined ? field : `line ${line}: ${field}`;
    const was = value === null || value === undefined ? '' : ` = ${JSON.stringify(value)}`;
    return [`  ${where}${was}`, `      ${hint}`];
  });
  return `${[head, ...lines].join('\n')}\n`;
}

function summary(config: Config, file: string): string {
  const { terminal, identity, broker, dome, data } = config;
  const inputs = wiredInputs(config).map(
    ({ place, input: { id, name, role, kind } }) =>
      `    ${place}: ${name} (${id}), ${kind ?? role}`,
  );
  const lines = [
    `${file}: OK`,
    `  terminal ${terminal.id}: ${identity.school} ${identity.gate}, ${identity.address}`,
    `  broker   ${broker.url} as ${broker.clientId}${broker.tls?.cert ? ', with certificate' : ''}`,
    `  dome     ${dome === null ? 'none' : `${dome.url}, profile ${dome.profile.file}`}`,
    `  data     ${data.dir}, ${data.capMb} MB`,
    '  inputs',
    ...inputs,
    ...notesOn(config).map(({ field, note }) => `  note     ${field}: ${note}`),
    '  A running daemon keeps to what it read at its start: restart it.',
  ];
  return `${lines.join('\n')}\n`;
}

const askTimeoutMs = 3000;

/** Asks the daemon; what it cannot be asked, or does not answer, is told with an exit code. */
async function asking(asked: Asked, use: (ask: Ask, clock: Clock) => Promise<number>) {
  const { cli, values, err } = asked;
  const path = text(values.socket) ?? socketIn(asked.file, asked.around);
  const { clock = systemClock() } = cli;
  const ask: Ask = (verb, args = {}) =>
    askControl({ path, verb, args, timeoutMs: askTimeoutMs, clock });
  try {
    return await use(ask, clock);
  } catch (error) {
    if (!(error instanceof ControlFailed || error instanceof UnknownForm)) throw error;
    err(`gate-agent: ${error.message}\n`);
    if (error instanceof UnknownForm) return exits.protocol;
    if (error.reason === 'refused') return exits.usage;
    return error.reason === 'no-access' ? exits.noAccess : exits.unavailable;
  }
}

type Ask = (verb: string, args?: { readonly [name: string]: unknown }) => Promise<unknown>;

const status = (asked: Asked): Promise<number> =>
  asking(asked, async (ask, clock) => {
    const { values, out } = asked;
    const report = statusReport.safeParse(await ask('status'));
    if (!report.success) throw new UnknownForm();
    out(
      values.json
        ? `${JSON.stringify(report.data)}\n`
        : statusText(report.data, clock.now().wallMs),
    );
    return exitOf(report.data);
  });

const buttonTeach = (asked: Asked): Promise<number> =>
  asking(asked, async (ask, clock) => {
    const { cli, values, out } = asked;
    const [bias, chip, port] = [values.bias, values.chip, values.port].map(text);
    const args = { ...(bias && { bias }), ...(chip && { chip }), ...(port && { ports: [port] }) };
    const isScreen = process.stdout.isTTY && cli.out === undefined;
    await teach({
      ask: () => ask('teach.look', args),
      ...{ out, clock, isJson: values.json === true },
      size: isScreen ? () => process.stdout : null,
      ended: cli.ended?.() ?? interrupted(),
    });
    return exits.ok;
  });

async function dome(
  { cli, values, out, err }: Asked,
  run: (command: DomeCommand) => Promise<number>,
): Promise<number> {
  const { clock = systemClock(), domes: profiles = [], input = process.stdin } = cli;
  try {
    return await run({ flags: values, out, err, clock, profiles, input });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    for (const { field, hint } of error.fields) err(`gate-agent: ${field}: ${hint}\n`);
    return exits.usage;
  }
}

/** Ctrl-C, and a reader of our output that has gone. */
const interrupted = (): Promise<void> =>
  new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done());
    process.stdout.once('error', () => done());
  });

/** Neither daemon nor configuration nor network. Its parts load when they are needed. */
async function verify({ values, out, err }: Asked, file: string | null): Promise<number> {
  const { isFingerprint, verifyCommand } = await import('./evidence/command.ts');
  const { key: keys = [] } = values;
  const wrong = keys.find((key) => !isFingerprint(key));
  if (file === null) err('gate-agent: verify: which file?\n');
  else if (wrong !== undefined) err(`gate-agent: --key: ${wrong} is no fingerprint\n`);
  else return verifyCommand({ file, keys, isJson: values.json === true, out, err });
  return exits.usage;
}

async function exportCase(asked: Asked): Promise<number> {
  const { exportCommand, NoExport } = await import('./evidence/command.ts');
  const { values, out, err } = asked;
  const [incident, reason, file] = [values.incident, values.reason, values.out].map(text);
  if (!incident || !reason || !file) {
    err('gate-agent: export needs --incident, --reason and --out\n');
    return exits.usage;
  }
  const user = userInfo().username.slice(0, 64);
  return asking(asked, async (ask, clock) => {
    try {
      await exportCommand({ incident, reason, user, file, clock, ask, out });
      return exits.ok;
    } catch (error) {
      const isOfDisk = error instanceof Error && 'syscall' in error;
      if (!isOfDisk && !(error instanceof NoExport)) throw error;
      err(`gate-agent: ${error.message}\n`);
      return isOfDisk ? exits.cannotWrite : exits.unavailable;
    }
  });
}

// Tells systemd how the daemon is (sd_notify). Node has no unix datagrams, so one small helper sends
// what it reads from a pipe. It is started once: a fork of the daemon costs its loop 6 to 15 ms each,
// and a program that had to be loaded again for each message would starve with a disk that hangs.
// Perl, because perl-base is on every Debian machine; a native package would have to be compiled.

import { type ChildProcess, spawn } from 'node:child_process';
import type { Clock, Notify, Sink } from '../ports.ts';

/** One datagram a line. Ends when the daemon does, whichever way: its standard input is closed. */
const helper = `
use Socket;
$SIG{$_} = 'IGNORE' for qw(INT TERM HUP);
my $path = $ENV{NOTIFY_SOCKET};
$path =~ s/^@/\\0/;
my $to = pack_sockaddr_un($path);
socket(my $out, AF_UNIX, SOCK_DGRAM, 0) or die "$!\\n";
while (my $line = <STDIN>) { defined send($out, $line, 0, $to) or die "$path: $!\\n" }
`;

export interface NotifyOptions {
  /** `NOTIFY_SOCKET`; null: nobody to tell. */
  readonly socket: string | null;
  readonly watchdogMs: number | null;
  readonly clock: Clock;
  /** Null while the terminal is unarmed: then there is nobody to tell of a fault. */
  readonly sink: Pick<Sink, 'emit'> | null;
}

const fault = 'notify.failed';
const retryMs = 1000;
const retryMsMax = 10_000;
/** A helper that has lived so long is well. */
const wellMs = 15_000;
/** Lines that the helper has not taken; it is stuck, and more would only pile up. */
const unreadBytesMax = 4096;
const closeMs = 500;
const statusCharsMax = 300;

export class SystemdNotify implements Notify {
  readonly #options: NotifyOptions;
  readonly watchdogMs: number | null;
  #child: ChildProcess | null = null;
  #ready = false;
  #stopping = false;
  #status = '';
  #failures = 0;
  #cancel: () => void = () => undefined;

  constructor(options: NotifyOptions) {
    this.#options = options;
    this.watchdogMs = options.socket === null ? null : options.watchdogMs;
  }

  open(): void {
    if (this.#options.socket !== null) this.#start(this.#options.socket);
  }

  ready(): void {
    this.#ready = true;
    this.#write('READY=1');
  }

  status(line: string): void {
    const told = `STATUS=${line.replace(/\s+/g, ' ').slice(0, statusCharsMax)}`;
    if (told === this.#status) return;
    this.#status = told;
    this.#write(told);
  }

  feed(): void {
    this.#write('WATCHDOG=1');
  }

  stopping(): void {
    this.#stopping = true;
    this.#write('STOPPING=1');
  }

  /** Ends the helper when it has sent what it has got; half a second at most. */
  async close(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    this.#cancel();
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const { clock } = this.#options;
    await new Promise<void>((done) => {
      const cancel = clock.after(closeMs, () => child.kill('SIGKILL'));
      child.once('exit', () => {
        cancel();
        done();
      });
      child.stdin?.end();
    });
  }

  #start(socket: string): void {
    const { clock, sink } = this.#options;
    this.#cancel = clock.after(wellMs, () => {
      if (this.#failures > 0) sink?.emit({ kind: 'fault.cleared', fault });
      this.#failures = 0;
    });
    try {
      this.#child = spawnHelper(socket, (child, why) => this.#lost(child, why));
    } catch (error) {
      // Some failures node throws, such as no memory for another process.
      return this.#lost(null, error instanceof Error ? error.message : String(error));
    }
    // What the last one may have taken with it.
    if (this.#ready) this.#write('READY=1');
    if (this.#status !== '') this.#write(this.#status);
    if (this.#stopping) this.#write('STOPPING=1');
  }

  #lost(child: ChildProcess | null, why: string): void {
    if (child !== this.#child) return;
    this.#child = null;
    this.#cancel();
    const { clock, sink, socket } = this.#options;
    const detail = `systemd cannot be told that the daemon is alive (${why}) and may restart it`;
    sink?.emit({ kind: 'fault.raised', fault, detail });
    const delayMs = Math.min(retryMsMax, retryMs * 2 ** this.#failures);
    this.#failures++;
    this.#cancel = clock.after(delayMs, () => {
      if (socket !== null) this.#start(socket);
    });
  }

  #write(line: string): void {
    const pipe = this.#child?.stdin;
    if (pipe && pipe.writableLength < unreadBytesMax) pipe.write(`${line}\n`);
  }
}

function spawnHelper(
  socket: string,
  lost: (child: ChildProcess, why: string) => void,
): ChildProcess {
  // Nothing of the daemon's own surroundings.
  const env = { PATH: '/usr/bin:/bin', NOTIFY_SOCKET: socket };
  const child: ChildProcess = spawn('perl', ['-e', helper], {
    stdio: ['pipe', 'ignore', 'pipe'],
    env,
  });
  let why = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    why = `${why}${chunk}`.slice(0, 200);
  });
  // A broken pipe: its exit is on the way, or is made to be.
  child.stdin?.on('error', () => child.kill('SIGKILL'));
  child.once('error', (error) => lost(child, error.message));
  child.once('close', (code, signal) => lost(child, why.trim() || `exit ${code ?? signal}`));
  return child;
}

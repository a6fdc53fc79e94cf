// A network of the daemon's own: a namespace with one wire to this machine, on which packets can be lost at
// random (nftables) and whose DNS server is ours. Needs root. What a run that was killed has left
// behind is removed by the next.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { launcher } from '#test/e2e/support/house.ts';
import { answerTo, type Names } from './line-dns.ts';

const run = promisify(execFile);
const ip = (...args: string[]) => run('ip', args, { timeout: 10_000 });
const nameOf = (pid: number) => `gate-faults-${pid}`;
const name = nameOf(process.pid);
/** Addresses for tests of networks (RFC 2544): no real one is hidden. Two runs at once do not meet. */
const net = `198.18.${process.pid % 256}`;
const [hostAddress, ownAddress] = [`${net}.1`, `${net}.2`];
const [hostEnd, ownEnd] = [`gf${process.pid}`, 'gate0'];
const settings = join('/etc/netns', name);

export class Netns {
  /** This machine, as the daemon sees it. */
  readonly host = hostAddress;
  /** What the DNS server does. */
  names: Names = 'answers';
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #children: ChildProcess[] = [];
  readonly #dns: UdpSocket = createSocket('udp4');

  /** Command line that runs the daemon inside; the network must be open before it starts. */
  static readonly command = ['ip', 'netns', 'exec', name, launcher] as const;

  async open(): Promise<void> {
    await removeLeftovers();
    // `ip netns exec` lays these over /etc.
    await mkdir(settings, { recursive: true });
    await writeFile(join(settings, 'resolv.conf'), `nameserver ${hostAddress}\n`);
    await ip('netns', 'add', name);
    const wire = ['link', 'add', hostEnd, 'type', 'veth', 'peer', 'name', ownEnd];
    await ip(...wire, 'netns', name);
    await ip('addr', 'add', `${hostAddress}/30`, 'dev', hostEnd);
    await ip('link', 'set', hostEnd, 'up');
    await ip('-n', name, 'addr', 'add', `${ownAddress}/30`, 'dev', ownEnd);
    await ip('-n', name, 'link', 'set', 'lo', 'up');
    await ip('-n', name, 'link', 'set', ownEnd, 'up');
    this.#dns.on('message', (query, from) => {
      const answer = answerTo(query, this.names, hostAddress);
      if (answer) this.#dns.send(answer, from.port, from.address);
    });
    this.#dns.bind(53, hostAddress);
    await once(this.#dns, 'listening');
  }

  async close(): Promise<void> {
    for (const child of this.#children.splice(0)) {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    }
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(
      this.#servers.splice(0).map(async (server) => {
        const closed = once(server, 'close');
        server.close();
        await closed;
      }),
    );
    this.#dns.close();
    await remove(name);
  }

  /** What listens on this machine's loopback listens on the daemon's, too. */
  async mirror(port: number): Promise<void> {
    const far = `TCP:${hostAddress}:${await this.forward(port)}`;
    const near = `TCP-LISTEN:${port},bind=127.0.0.1,fork,reuseaddr`;
    const child = spawn('ip', ['netns', 'exec', name, 'socat', near, far], { stdio: 'ignore' });
    this.#children.push(child);
    await once(child, 'spawn');
  }

  /** Makes a port of this machine's loopback one that the daemon can reach; returns its number. */
  async forward(port: number): Promise<number> {
    const server = createServer({ noDelay: true }, (near) => {
      const far = connect({ port, host: '127.0.0.1', noDelay: true });
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(from);
        from.on('error', () => from.destroy());
        from.once('close', () => {
          this.#sockets.delete(from);
          to.destroy();
        });
        from.pipe(to);
      }
    });
    this.#servers.push(server);
    server.listen(0, hostAddress);
    await once(server, 'listening');
    const address = server.address();
    if (typeof address !== 'object' || !address) throw new Error('no address');
    return address.port;
  }

  /** One packet in so many is dropped from now on, at random, in each direction. */
  async lose(oneIn: number): Promise<void> {
    const chain = (hook: string, way: string) =>
      `chain ${hook} { type filter hook ${hook} priority 0; ` +
      `${way} "${ownEnd}" numgen random mod ${oneIn} == 0 counter drop; };`;
    const rules = `table inet faults { ${chain('input', 'iifname')} ${chain('output', 'oifname')} }`;
    try {
      await ip('netns', 'exec', name, 'nft', rules);
    } catch (cause) {
      throw new Error('nft does not take the rules; apt-get install nftables?', { cause });
    }
  }

  /** Packets dropped so far. */
  async lost(): Promise<number> {
    const list = ['netns', 'exec', name, 'nft', 'list', 'table', 'inet', 'faults'];
    const { stdout } = await ip(...list);
    const counts = [...stdout.matchAll(/counter packets (\d+)/g)];
    return counts.reduce((sum, [, count]) => sum + Number(count), 0);
  }
}

async function remove(namespace: string): Promise<void> {
  // With the namespace its end of the wire goes, and with that the other end.
  await ip('netns', 'delete', namespace);
  await rm(join('/etc/netns', namespace), { recursive: true, force: true });
}

async function removeLeftovers(): Promise<void> {
  const { stdout } = await ip('netns', 'list');
  for (const [namespace, pid] of stdout.matchAll(/^gate-faults-(\d+)/gm))
    if (!isAlive(Number(pid))) await remove(namespace);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

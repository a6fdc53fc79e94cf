// A gate room with its PC: installs the package as a user would, configures it as an installer would,
// and knows the daemon only by its command line, its lamp, the platform and the dome.

import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type StatusReport, statusReport } from '#agent/status.ts';
import { until } from '#test/support/wait.ts';
import { run } from '../command.ts';
import { makeImage } from '../disk/mounted.ts';
import { Machine } from './machine.ts';
import { Outside } from './outside.ts';
import type { Images } from './qemu.ts';

/** Of the disk: a database of 16 MB, moved aside twice, a release in the spool, and room as a terminal is to
 * have it. */
const dataMb = 448;
const etc = '/etc/gate-agent';
const profile = join(import.meta.dirname, '../../../config/domes/rehearsal.yaml');

export interface RoomSetup {
  readonly dir: string;
  readonly images: Images;
}

export class GateRoom {
  readonly outside: Outside;
  /** Root and data disk; kept from one life of the PC to the next. */
  readonly root: string;
  readonly data: string;
  machine: Machine;
  readonly #setup: RoomSetup;

  private constructor(setup: RoomSetup, outside: Outside) {
    this.#setup = setup;
    this.outside = outside;
    this.root = join(setup.dir, 'root.ext4');
    this.data = join(setup.dir, 'data.ext4');
    this.machine = this.#machine({});
  }

  /** Everything but the PC is running when this resolves; the PC is bare and off. */
  static async open(setup: RoomSetup): Promise<GateRoom> {
    mkdirSync(setup.dir, { recursive: true });
    const outside = await Outside.open(setup.dir);
    copyFileSync(profile, join(outside.share, 'dome.yaml'));
    const room = new GateRoom(setup, outside);
    await run(['cp', '--sparse=always', '--reflink=auto', setup.images.root, room.root]);
    await makeImage(room.data, dataMb);
    return room;
  }

  async close(): Promise<void> {
    await this.machine.kill();
    await this.outside.close();
    rmSync(this.#setup.dir, { recursive: true, force: true });
  }

  /** The same PC, with another data disk, another root disk or one that forgets. */
  async on({ data = this.data, root = this.root, forgets = false } = {}): Promise<void> {
    this.machine = this.#machine({ data, root, forgets });
    await this.machine.on();
    await this.machine.sh('mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=none share /mnt');
  }

  /** A folder of this host; read-only. */
  async mount(tag: 'share' | 'checkout', where: string): Promise<void> {
    const options = 'trans=virtio,version=9p2000.L,ro,msize=131072,cache=none';
    await this.machine.sh(`mkdir -p ${where} && mount -t 9p -o ${options} ${tag} ${where}`);
  }

  /** `apt install ./gate-agent_*.deb`; also an upgrade or a downgrade. */
  async install(deb: string): Promise<void> {
    const name = basename(deb);
    copyFileSync(deb, join(this.outside.share, name));
    const apt = 'DEBIAN_FRONTEND=noninteractive apt-get install -y --allow-downgrades';
    await this.machine.sh(`cp /mnt/${name} /root && cd /root && ${apt} ./${name}`, 300_000);
  }

  /** Puts the configuration and what it names into place, and starts the daemon with it. */
  async configure(config: string): Promise<void> {
    writeFileSync(join(this.outside.share, 'gate-agent.yaml'), config);
    const files = '{gate-agent.yaml,ca.pem,terminal.pem,terminal.key,dome-password,dome.yaml}';
    await this.machine.sh(`install -o root -g gate-agent -m 640 /mnt/${files} ${etc}`);
    await this.machine.sh('gate-agent check-config', 120_000);
    await this.machine.sh('systemctl restart gate-agent', 120_000);
  }

  /** What `gate-agent status` says; null while nobody answers. */
  async status(): Promise<StatusReport | null> {
    const { text } = await this.machine.ask('gate-agent status --json');
    return text.startsWith('{') ? statusReport.parse(JSON.parse(text)) : null;
  }

  /** Waits for the daemon to be connected and to have told everything. */
  async settled(withinMs = 120_000): Promise<StatusReport> {
    return this.until(
      'an armed terminal with an empty outbox',
      async () => {
        const status = await this.status();
        return status?.armed && status.online && status.store?.outboxRows === 0 && status;
      },
      withinMs,
    );
  }

  /** As `until`; a failure tells what the daemon said. */
  async until<T>(what: string, condition: () => T | Promise<T>, withinMs = 180_000) {
    try {
      return await until(condition, { withinMs, what });
    } catch (cause) {
      const log = await this.machine.ask('journalctl -u gate-agent -n 30 --no-pager -o cat');
      const { word, open, platform } = this.outside;
      const outside = JSON.stringify({ word, open, violations: platform.violations.slice(0, 3) });
      throw new Error(`${String(cause)}\n${outside}\n${log.text}`, { cause });
    }
  }

  #machine({ data = this.data, root = this.root, forgets = false } = {}): Machine {
    const { dir, images } = this.#setup;
    const { share, box } = this.outside;
    return new Machine({
      ...{ dir: join(dir, 'pc'), images, data, serial: box.path, share },
      ...(forgets ? { images: { ...images, root } } : { root }),
    });
  }
}

// What is kept of the picture: the ring before a press, the clip, snapshots, and their directory. Told whole
// what is wanted, like the rest of the live process; nothing of it is waited for by anybody.

import type { StreamName } from '../../core/picture.ts';
import type { Clock } from '../../ports.ts';
import { masterOf } from '../../sealed/format.ts';
import type { EvidenceWanted, MediaSaid } from '../wire.ts';
import { hangMs, isDiskError, sentenceOf } from './disk.ts';
import { Fetches } from './fetches.ts';
import type { SoundPacket } from './opus.ts';
import { Outages } from './outages.ts';
import { PictureWatch } from './picture-watch.ts';
import { Recorder } from './recorder.ts';
import { Ring, type RingPicture } from './ring.ts';
import { Shelf } from './shelf.ts';
import { Snapshots } from './snapshots.ts';
import { Told } from './told.ts';
import { mendTorn } from './torn.ts';

export interface EvidenceOptions {
  readonly clock: Clock;
  readonly say: (said: MediaSaid) => void;
  /** Why there is no picture; null where that is not known. */
  readonly why: () => string | null;
}

interface Parts {
  readonly shelf: Shelf;
  readonly recorder: Recorder;
  readonly outages: Outages;
  readonly shots: Snapshots;
  readonly fetches: Fetches;
  readonly watch: PictureWatch;
}

const tidyEveryMs = 600_000;
const closeWithinMs = 1_000;

export class Evidence {
  readonly #options: EvidenceOptions;
  readonly #told: Told;
  readonly #ring = new Ring();
  readonly #faults = new Map<string, string>();
  /** Each clears its own: what can be read may not take a byte. */
  readonly #troubles: Record<'recorder' | 'shelf', string | null> = { recorder: null, shelf: null };
  #wanted: EvidenceWanted | null = null;
  #parts: Parts | null = null;
  #isOpen: Promise<void> | null = null;
  #stream: StreamName | null = null;
  #tidying: Promise<void> | null = null;
  #cancel: () => void = () => undefined;
  #today: number | null = null;

  constructor(options: EvidenceOptions) {
    this.#options = options;
    this.#told = new Told(options.say);
  }

  get isWanted(): boolean {
    return this.#wanted !== null;
  }

  /** A picture of the stream that is kept. */
  picture(stream: StreamName, picture: RingPicture): void {
    if (this.#wanted === null) return;
    if (this.#stream !== stream) this.cut(this.#stream);
    this.#stream = stream;
    if (this.#ring.push(picture, stream)) this.#parts?.recorder.pump();
  }

  /** Its sound, whenever it comes. */
  sound(stream: StreamName, packet: SoundPacket): void {
    if (this.#wanted !== null && this.#stream === stream) this.#ring.sound(packet);
  }

  cut(stream: StreamName | null): void {
    if (stream === this.#stream && this.#ring.cut()) this.#parts?.recorder.pump();
  }

  want(wanted: EvidenceWanted | null): void {
    this.#wanted = wanted;
    if (wanted === null) return this.#ring.clear();
    this.#told.heard(wanted.heard);
    this.#isOpen ??= this.#open(wanted);
    this.#tell();
  }

  /** Writes what is there. A disk that hangs is not waited for. */
  async close(): Promise<void> {
    const { clock } = this.#options;
    this.#cancel();
    this.#ring.cut();
    this.#parts?.outages.close();
    this.#parts?.shots.close();
    this.#parts?.fetches.close();
    this.#parts?.watch.close();
    const late = new Promise<void>((done) => clock.after(closeWithinMs, done));
    await Promise.race([this.#parts?.recorder.close(), late]);
  }

  async #open({ dir, masterKey }: EvidenceWanted): Promise<void> {
    const { clock, why } = this.#options;
    const told = this.#told;
    const master = masterOf(masterKey ?? '');
    const shelf = new Shelf(dir, told, 'clips', master);
    const disk = (trouble: Error | 'hangs' | null) => this.#disk('recorder', trouble);
    await this.#onDisk(() => this.#mend(shelf));
    const ring = this.#ring;
    this.#parts = {
      shelf,
      fetches: new Fetches({ clock, dir, master, say: this.#options.say }),
      recorder: new Recorder({ ...{ clock, ring, shelf, told, why, disk } }),
      outages: new Outages({ clock, ring, told, why }),
      shots: new Snapshots({ clock, shelf, told }),
      watch: new PictureWatch({ clock, say: this.#options.say }),
    };
    this.#tell();
  }

  #tell(): void {
    const [wanted, parts] = [this.#wanted, this.#parts];
    if (!wanted || !parts) return;
    parts.recorder.want(wanted.clip);
    parts.outages.want(wanted.clip);
    parts.shots.want(wanted.snapshots, wanted.snapshot);
    parts.fetches.want(wanted);
    parts.watch.want(wanted.snapshot);
    if (wanted.today === this.#today) return;
    this.#today = wanted.today;
    this.#tidy();
  }

  #mend(shelf: Shelf): Promise<void> {
    const onDisk = (work: () => Promise<void>) => this.#onDisk(work);
    return mendTorn({ shelf, told: this.#told, what: 'clip', onDisk });
  }

  #tidy(): void {
    const { clock } = this.#options;
    this.#cancel();
    this.#cancel = clock.after(tidyEveryMs, () => this.#tidy());
    const [wanted, shelf] = [this.#wanted, this.#parts?.shelf];
    if (!wanted || !shelf || this.#tidying) return;
    this.#tidying = this.#onDisk(async () => {
      await this.#mend(shelf);
      if (wanted.today !== null) await shelf.date(wanted.today);
      this.#fault('clip.space', await shelf.tidy(wanted));
    }).finally(() => {
      this.#tidying = null;
    });
  }

  async #onDisk(work: () => Promise<void>): Promise<void> {
    const { clock } = this.#options;
    const cancel = clock.after(hangMs, () => this.#disk('shelf', 'hangs'));
    try {
      await work();
      this.#disk('shelf', null);
    } catch (error) {
      if (!isDiskError(error)) throw error;
      this.#disk('shelf', error);
    } finally {
      cancel();
    }
  }

  #disk(who: 'recorder' | 'shelf', trouble: Error | 'hangs' | null): void {
    this.#troubles[who] = trouble && sentenceOf(trouble);
    this.#fault('clip.disk', this.#troubles.recorder ?? this.#troubles.shelf);
    if (isDiskError(trouble) && trouble.code === 'ENOSPC') this.#tidy();
  }

  #fault(fault: string, detail: string | null): void {
    if ((this.#faults.get(fault) ?? null) === detail) return;
    if (detail === null) this.#faults.delete(fault);
    else this.#faults.set(fault, detail);
    this.#options.say({ t: 'fault', fault, detail });
  }
}

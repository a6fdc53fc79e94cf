// Files on their way out: a piece read for an answer, a file sent to an address, one of each at a time.

import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../ports.ts';
import { type Master, SealBroken } from '../../sealed/format.ts';
import { KeptFile } from '../../sealed/kept-file.ts';
import { ownNetworks } from '../own-network.ts';
import type { EvidenceWanted, MediaSaid } from '../wire.ts';
import { isDiskError } from './disk.ts';
import { Upload } from './upload.ts';

export interface FetchesOptions {
  readonly clock: Clock;
  readonly dir: string;
  /** Under which the files are sealed. */
  readonly master?: Master | null;
  readonly say: (said: MediaSaid) => void;
}

export type FetchesWanted = Pick<EvidenceWanted, 'piece' | 'uploads' | 'ca' | 'ownNetwork'>;

export class Fetches {
  readonly #options: FetchesOptions;
  /** That was read last. */
  #piece: string | null = null;
  #sending: { readonly id: string; readonly upload: Upload } | null = null;
  /** Told, and still wanted there. */
  readonly #over = new Set<string>();

  constructor(options: FetchesOptions) {
    this.#options = options;
  }

  want(wanted: FetchesWanted): void {
    const { piece, uploads } = wanted;
    if (piece && piece.id !== this.#piece) {
      this.#piece = piece.id;
      void this.#read(piece);
    }
    const ids = uploads.map(({ id }) => id);
    for (const id of this.#over) if (!ids.includes(id)) this.#over.delete(id);
    const next = uploads.find(({ id }) => !this.#over.has(id));
    if (this.#sending?.id === next?.id) return;
    this.#sending?.upload.close();
    this.#sending = null;
    if (next) this.#send(next, wanted);
  }

  close(): void {
    this.#sending?.upload.close();
  }

  async #read({ id, file, from, bytes }: NonNullable<EvidenceWanted['piece']>): Promise<void> {
    const { dir, master = null } = this.#options;
    const said = await read(join(dir, file), master, { from, bytes }).catch((error: unknown) => {
      if (error instanceof SealBroken) return { data: null, total: 0, detail: error.message };
      if (!isDiskError(error)) throw error;
      const detail =
        error.code === 'ENOENT' ? 'no such file; perhaps it was too old' : 'the disk fails';
      return { data: null, total: 0, detail };
    });
    this.#options.say({ t: 'evidence.read', id, ...said });
  }

  #send(
    { id, file, url }: EvidenceWanted['uploads'][number],
    { ca, ownNetwork }: Pick<EvidenceWanted, 'ca' | 'ownNetwork'>,
  ): void {
    const { clock, dir, say, master = null } = this.#options;
    const own = () => (ownNetwork === 'allow' ? null : ownNetworks(networkInterfaces()));
    const upload = new Upload({ clock, url, ca, own, path: join(dir, file), master });
    this.#sending = { id, upload };
    void upload.run().then((detail) => {
      if (detail === undefined) return;
      this.#over.add(id);
      if (this.#sending?.id === id) this.#sending = null;
      say({ t: 'evidence.sent', id, detail });
    });
  }
}

async function read(
  path: string,
  master: Master | null,
  { from, bytes }: { readonly from: number; readonly bytes: number },
) {
  const file = await KeptFile.open(path, master);
  try {
    const piece = await file.read(from, bytes);
    return { data: piece.toString('base64'), total: file.size, detail: '' };
  } finally {
    await file.close();
  }
}

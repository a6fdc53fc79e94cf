// Puts many files in their places as one act. Each is staged beside its place, so that a rename is enough;
// the list of all renames is written with them, and one rename of the list decides. From then on the list
// can be carried out again and again, until it is done. What was there before is moved aside first, what
// arms a terminal before all else; its new configuration comes last: a power cut leaves an unarmed machine.

import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { sync } from './backup.ts';

const move = z.strictObject({ from: z.string(), to: z.string(), mode: z.number().nullable() });
const plan = z.strictObject({
  /** In this order. */
  moves: z.array(move),
  /** Where what was here went; null: nothing was. */
  aside: z.string().nullable(),
});
type Move = z.infer<typeof move>;

export interface MovingPlaces {
  readonly dataDir: string;
  readonly configFile: string;
  readonly lastGoods: readonly string[];
}

const stagedEnd = '.replace-new';

export class Moving {
  readonly #places: MovingPlaces;
  readonly #staged: Move[] = [];
  /** What is staged may still be taken back. */
  #isOurs = true;
  /** Directories that were not there before. */
  readonly #made: string[] = [];
  readonly #stage: string;
  readonly #decided: string;

  constructor(places: MovingPlaces) {
    this.#places = places;
    this.#stage = join(places.dataDir, 'replace.new');
    this.#decided = join(places.dataDir, 'replace.ready');
  }

  open(): void {
    if (this.isDecided) return;
    rmSync(this.#stage, { recursive: true, force: true });
    mkdirSync(this.stagedData, { recursive: true, mode: 0o700 });
  }

  /** An earlier try got so far: only its moves are left. */
  get isDecided(): boolean {
    return existsSync(this.#decided);
  }

  /** The data directory to be. */
  get stagedData(): string {
    return join(this.#stage, 'data');
  }

  /** Where a file is to be written that will be `to`. */
  stage(to: string, mode: number): string {
    const { dataDir } = this.#places;
    if (to.startsWith(`${dataDir}/`) && !to.startsWith(`${dataDir}/clips/`)) {
      const staged = join(this.stagedData, to.slice(dataDir.length + 1));
      mkdirSync(dirname(staged), { recursive: true, mode: 0o700 });
      return staged;
    }
    const staged = `${to}${stagedEnd}`;
    const made = mkdirSync(dirname(to), { recursive: true, mode: 0o750 });
    if (made !== undefined) this.#made.push(made);
    this.#staged.push({ from: staged, to, mode });
    return staged;
  }

  /** What lies in `stagedData` now is what there is to be. */
  stageData(): void {
    for (const name of readdirSync(this.stagedData)) {
      // Made anew by whoever opens the database.
      if (name.endsWith('-shm') || name === 'gate.lock') continue;
      const from = join(this.#decided, 'data', name);
      this.#staged.push({ from, to: join(this.#places.dataDir, name), mode: null });
    }
  }

  /** From here on there is no way back. */
  decide(): void {
    const { dataDir, configFile } = this.#places;
    for (const { from } of this.#staged) if (existsSync(from)) sync(from);
    const last = (one: Move) => (one.to === configFile ? 1 : 0);
    const here = this.#asideMoves();
    const all = {
      moves: [...here.moves, ...this.#staged.toSorted((a, b) => last(a) - last(b))],
      aside: here.aside,
    };
    const file = join(this.#stage, 'plan.json');
    writeFileSync(file, JSON.stringify(all), { mode: 0o600, flush: true });
    sync(this.stagedData);
    sync(this.#stage);
    renameSync(this.#stage, this.#decided);
    sync(dataDir);
    this.#isOurs = false;
  }

  /** Where what was here before lies now. */
  carryOut(): string | null {
    const file = join(this.#decided, 'plan.json');
    const { moves, aside } = plan.parse(JSON.parse(readFileSync(file, 'utf8')));
    for (const one of moves) this.#move(one);
    for (const dir of new Set(moves.map(({ to }) => dirname(to)))) sync(dir);
    rmSync(this.#decided, { recursive: true });
    sync(this.#places.dataDir);
    return aside;
  }

  /** Removes what was staged, unless it is decided. */
  abandon(): void {
    if (!this.#isOurs || this.isDecided) return;
    rmSync(this.#stage, { recursive: true, force: true });
    for (const { from } of this.#staged)
      if (from.endsWith(stagedEnd)) rmSync(from, { force: true });
    for (const dir of this.#made) rmSync(dir, { recursive: true, force: true });
  }

  #asideMoves(): { readonly moves: Move[]; readonly aside: string | null } {
    const { dataDir, configFile, lastGoods } = this.#places;
    const n = readdirSync(dataDir).filter((name) => name.startsWith('before-replace-')).length + 1;
    const aside = join(dataDir, `before-replace-${n}`);
    const ours = /^(replace\.(new|ready)|before-replace-\d+|clips|update)$/;
    const rows = readdirSync(dataDir)
      .filter((name) => !ours.test(name) && !lastGoods.includes(join(dataDir, name)))
      .map((name) => ({ from: join(dataDir, name), to: join(aside, name), mode: null }));
    const arming = [configFile, ...lastGoods]
      .filter(existsSync)
      .map((from) => ({ from, to: `${from}.before-replace-${n}`, mode: null }));
    const moves = [...arming, ...rows];
    return { moves, aside: moves.length > 0 ? aside : null };
  }

  /** Done before, where its source has gone. Files belong to whom their directory belongs. */
  #move({ from, to, mode }: Move): void {
    if (!existsSync(from)) return;
    mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
    if (mode !== null) chmodSync(from, mode);
    if (process.getuid?.() === 0) give(from, this.#ownerOf(to));
    renameSync(from, to);
  }

  #ownerOf(to: string): string {
    const { dataDir } = this.#places;
    return to.startsWith(`${dataDir}/`) ? dataDir : dirname(to);
  }
}

/** To whom a directory belongs, with all that is in it. */
function give(path: string, like: string): void {
  const { uid, gid } = statSync(like);
  const inside = statSync(path).isDirectory() ? readdirSync(path, { recursive: true }) : [];
  for (const name of ['', ...inside.map(String)]) chownSync(join(path, name), uid, gid);
}

// results.json: flat keys, units last. A run replaces its own keys and leaves the others.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';

const resultsFile = join(import.meta.dirname, 'results.json');
const textFile = join(import.meta.dirname, 'RESULTS.md');
const readmeFile = join(import.meta.dirname, '../../README.md');
const marks = /(<!-- figures: written by the benchmark -->\n)[\s\S]*?(<!-- end of figures -->)/;
const peerMarks = /(<!-- peers: written by the benchmark -->\n)[\s\S]*?(<!-- end of peers -->)/;

const results = z.record(z.string(), z.union([z.number(), z.string()]));
export type Results = z.infer<typeof results>;

export function readResults(): Results {
  if (!existsSync(resultsFile)) return {};
  return results.parse(JSON.parse(readFileSync(resultsFile, 'utf8')));
}

export function without(results: Results, key: string): Results {
  const { [key]: _, ...others } = results;
  return others;
}

export const merge = (before: Results, fresh: Results): Results => ({ ...before, ...fresh });

export interface Tables {
  readonly figures: string;
  readonly peers: string;
}

/** The tables go into the README, between their marks. */
export function writeResults(all: Results, text: string, { figures, peers }: Tables): void {
  writeFileSync(resultsFile, `${JSON.stringify(all, null, 2)}\n`);
  writeFileSync(textFile, text);
  const put = (table: string) => (_: string, begin: string, end: string) =>
    `${begin}${table}\n${end}`;
  const readme = readFileSync(readmeFile, 'utf8');
  writeFileSync(
    readmeFile,
    readme.replace(marks, put(figures)).replace(peerMarks, peers ? put(peers) : (as: string) => as),
  );
}

/** When, from what and on what a part was measured; no names of hosts, no paths. */
export function tookPlace(part: string): Results {
  const commit = commitNow();
  const date = new Date().toISOString().slice(0, 10);
  return {
    commit,
    date,
    [`${part}_commit`]: commit,
    [`${part}_date`]: date,
    machine_cpu: cpus()[0]?.model.trim() ?? 'unknown',
    machine_cores: cpus().length,
    machine_memory_gb: Math.round(totalmem() / 2 ** 30),
    machine_kernel: release(),
    machine_node: process.versions.node,
  };
}

/** `-dirty`: the daemon's sources are not those of the commit. */
function commitNow(): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' }).trim();
  const changed = git('status', '--porcelain', '--', ':/agent', ':/scripts', ':/package-lock.json');
  return git('rev-parse', '--short=10', 'HEAD') + (changed === '' ? '' : '-dirty');
}

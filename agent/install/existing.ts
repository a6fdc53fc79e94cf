// A terminal that is provisioned again begins with what it has: its configuration, and the files beside it
// that the configuration names. One that cannot be read is begun anew.

import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { type FileField, fileFields } from '../config/files.ts';
import { readYaml } from '../config/yaml.ts';
import { Refusal } from '../refusal.ts';
import type { World } from './draft.ts';
import { textOf } from './place.ts';
import { emptySite, groupOf, put, putFile, type Site, textAt } from './site.ts';
import { contentOf } from './steps/files.ts';

export function siteFrom({ file }: Pick<World, 'file'>): Site {
  const text = textOf(file);
  if (text === null) return emptySite;
  try {
    return withFiles({ tree: groupOf(readYaml(text).root), files: {} }, dirname(resolve(file)));
  } catch (error) {
    if (error instanceof Refusal) return emptySite;
    throw error;
  }
}

/** Files within `base` become the site's own; others, credentials of systemd for one, stay where they are. */
function withFiles(site: Site, base: string): Site {
  const fields = Object.keys(fileFields) as FileField[];
  return fields.reduce<Site>((so, field) => {
    const named = textAt(so, field);
    if (named === null) return so;
    const path = isAbsolute(named) ? named : join(base, named);
    const isBeside = !relative(base, path).startsWith('..');
    const found = isBeside ? contentOf(path) : { why: '' };
    if (!('text' in found)) return put(so, field, path);
    return putFile(put(so, field, null), field, found.text);
  }, site);
}

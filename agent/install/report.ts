// What provisioning says at its end: which files would be written, secrets masked, or what was written and
// how the terminal is now.

import type { StatusReport } from '../status.ts';
import type { Applied } from './apply.ts';
import type { Draft, Job, World } from './draft.ts';
import { type PlaceOptions, planOf } from './place.ts';

export const byLine = ({ version, clock }: World): string =>
  `Written by gate-agent ${version} provision, ${new Date(clock.now().wallMs).toISOString().slice(0, 10)}.`;

export const placeOptions = (world: World, by: string): PlaceOptions => ({
  ...{ file: world.file, by, parseProfile: world.parseProfile, places: world.around.places },
});

/** Each file with its mode and, unless it is a secret, its text. */
export function planText(draft: Pick<Draft, 'site' | 'panelPin'>, place: PlaceOptions): string {
  return planOf(draft, place)
    .map(({ path, mode, text }) => `--- ${path} (${mode})\n${text ?? '[secret]\n'}`)
    .join('');
}

export function appliedText({ files, status }: Applied, say: Job['say']): string {
  const written = files.map((file) => `  ${file}`).join('\n');
  const head = say(['Written:', '已写入:']);
  if (!status)
    return `${head}\n${written}\n${say(['Restart the daemon to arm it.', '请重启守护进程以布防。'])}`;
  return `${head}\n${written}\n${stateText(status, say)}`;
}

function stateText({ terminal, online, faults }: StatusReport, say: Job['say']): string {
  const link = online
    ? say(['the platform is connected', '平台已连接'])
    : say(['the platform is not connected yet', '平台尚未连接']);
  const rows = faults.map(({ fault, detail }) => `  ${fault}: ${detail}`);
  const all = rows.length > 0 ? [say(['Faults:', '故障:']), ...rows] : [];
  return [`✓ ${terminal}: ${say(['armed', '已布防'])}, ${link}`, ...all].join('\n');
}

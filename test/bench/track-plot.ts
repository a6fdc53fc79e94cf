// Target and aim over time as SVG: where the person is and where the dome looks, in degrees of pan, with
// the band that counts as the middle around the aim; grey where a tree hides him.

import { fieldOfView, optics } from '#agent/sim/dome/scene/optics.ts';
import type { Moment } from '#test/dome/track/field.ts';

export interface Plotted {
  readonly title: string;
  readonly moments: readonly Moment[];
}

const width = 900;
const height = 190;
const margin = { left: 46, right: 12, top: 24, bottom: 24 };
const inks = { target: '#c0392b', aim: '#1f4e79', band: '#cfe0f1', hidden: '#dddddd' };

export function plotOf(walks: readonly Plotted[], part: number): string {
  const legend =
    `<text x="${margin.left}" y="16" fill="${inks.target}">- - person</text>` +
    `<text x="${margin.left + 90}" y="16" fill="${inks.aim}">- dome</text>` +
    `<text x="${margin.left + 160}" y="16">band: ${part * 100} % from the middle to the edge; ` +
    'grey: behind a tree; degrees of pan, seconds from the alarm</text>';
  const panels = walks.map((one, n) => panel(one, part, 24 + n * height));
  const all = 24 + walks.length * height;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${all}" ` +
    'font-family="sans-serif" font-size="12"><title>Person and aim over time</title>' +
    `<rect width="${width}" height="${all}" fill="white"/>${legend}${panels.join('')}</svg>\n`
  );
}

function panel({ title, moments }: Plotted, part: number, top: number): string {
  const degrees = (pan: number) => pan * optics.panDegrees;
  const every = moments.filter((_, n) => n % 2 === 0);
  const points = every.map(({ s, target, dome, hidden }) => {
    const half = (fieldOfView(dome.zoom) / 2) * part;
    return { s, target: degrees(target.pan), aim: degrees(dome.pan), half, hidden };
  });
  const [least, most] = [
    Math.floor(Math.min(...points.map(({ target, aim }) => Math.min(target, aim))) / 10) * 10,
    Math.ceil(Math.max(...points.map(({ target, aim }) => Math.max(target, aim))) / 10) * 10,
  ];
  const endS = points.at(-1)?.s ?? 1;
  const x = (s: number) => margin.left + (s / endS) * (width - margin.left - margin.right);
  const room = height - margin.top - margin.bottom;
  const y = (value: number) => top + margin.top + ((most - value) / (most - least)) * room;
  const line = (of: (point: (typeof points)[number]) => number) =>
    points.map((one) => `${x(one.s).toFixed(1)},${y(of(one)).toFixed(1)}`).join(' ');
  const back = [...points].reverse();
  const lower = back.map((one) => `${x(one.s).toFixed(1)},${y(one.aim - one.half).toFixed(1)}`);
  const band = `${line(({ aim, half }) => aim + half)} ${lower.join(' ')}`;
  const hidden = points.flatMap((one, n) => {
    const next = points[n + 1];
    if (!one.hidden || !next) return [];
    const wide = (x(next.s) - x(one.s) + 0.3).toFixed(1);
    const from = `x="${x(one.s).toFixed(1)}" y="${top + margin.top}"`;
    return [`<rect ${from} width="${wide}" height="${room}" fill="${inks.hidden}"/>`];
  });
  const marks: string[] = [];
  for (let value = least; value <= most; value += 10)
    marks.push(
      `<line x1="${margin.left}" x2="${width - margin.right}" y1="${y(value)}" y2="${y(value)}" ` +
        `stroke="#eeeeee"/><text x="${margin.left - 6}" y="${y(value) + 4}" ` +
        `text-anchor="end">${value}</text>`,
    );
  for (let s = 0; s <= endS; s += 5)
    marks.push(`<text x="${x(s)}" y="${top + height - 8}" text-anchor="middle">${s}</text>`);
  return (
    `<text x="${width - margin.right}" y="${top + 16}" text-anchor="end">${title}</text>` +
    `${hidden.join('')}${marks.join('')}` +
    `<polygon points="${band}" fill="${inks.band}" fill-opacity="0.7"/>` +
    `<polyline points="${line(({ aim }) => aim)}" fill="none" stroke="${inks.aim}"/>` +
    `<polyline points="${line(({ target }) => target)}" fill="none" ` +
    `stroke="${inks.target}" stroke-dasharray="5 3"/>`
  );
}

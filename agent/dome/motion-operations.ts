// The ONVIF operations that turn the dome, look where it looks, and focus; each as data, like those of
// operations.ts. Coordinates are those of the generic spaces: pan and tilt -1 to 1, zoom 0 to 1.

import type { Velocity } from '../core/command.ts';
import type { Operation } from './operations.ts';
import { all, at, escapeXml, text, type XmlNode } from './xml.ts';

const schema = 'xmlns:t="http://www.onvif.org/ver10/schema"';
const token = (name: string, value: string): string => `<n:${name}>${escapeXml(value)}</n:${name}>`;

/** Null: not known, or left as it is. */
export type Place = { readonly [A in keyof Velocity]: number | null };

/** Axes that are null are left out: some domes refuse one that they have not got. */
function vector(name: string, { pan, tilt, zoom }: Place, space: string | null = null): string {
  const within = space === null ? '' : ` space="${space}"`;
  const panTilt =
    pan === null || tilt === null ? '' : `<t:PanTilt x="${pan}" y="${tilt}"${within}/>`;
  const zoomed = zoom === null ? '' : `<t:Zoom x="${zoom}"/>`;
  return `<n:${name} ${schema}>${panTilt}${zoomed}</n:${name}>`;
}

const nothing = (): null => null;

/** `timeoutS`: the dome ends it by itself then, where it heeds that (not all do, scrypted#2124). */
export const continuousMove: Operation<
  { readonly profile: string; readonly velocity: Place; readonly timeoutS: number | null },
  null
> = {
  name: 'ContinuousMove',
  service: 'ptz',
  body: ({ profile, velocity, timeoutS }) =>
    token('ProfileToken', profile) +
    vector('Velocity', velocity) +
    (timeoutS === null ? '' : token('Timeout', `PT${timeoutS}S`)),
  read: nothing,
};

/** `bare`: names no axis, which means all of them, too. */
export const stop: Operation<{ readonly profile: string; readonly bare: boolean }, null> = {
  name: 'Stop',
  service: 'ptz',
  body: ({ profile, bare }) =>
    token('ProfileToken', profile) + (bare ? '' : token('PanTilt', 'true') + token('Zoom', 'true')),
  read: nothing,
};

type To = { readonly profile: string; readonly to: Place };

/** Translations in halves of the picture: 1 brings its edge into its middle. */
export const inViewSpace = 'http://www.onvif.org/ver10/tptz/PanTiltSpaces/TranslationSpaceFov';

/** `space`: of pan and tilt; the generic one where it is not named. */
export const relativeMove: Operation<To & { readonly space?: string }, null> = {
  name: 'RelativeMove',
  service: 'ptz',
  body: ({ profile, to, space }) =>
    token('ProfileToken', profile) + vector('Translation', to, space ?? null),
  read: nothing,
};

/** In which spaces its pan and tilt can be moved by a translation, of all its nodes. */
export const getSpaces: Operation<null, readonly string[]> = {
  name: 'GetNodes',
  service: 'ptz',
  body: () => '',
  read: (reply) =>
    all(reply, 'PTZNode', 'SupportedPTZSpaces', 'RelativePanTiltTranslationSpace').flatMap(
      (one) => text(one, 'URI')?.trim() ?? [],
    ),
};

export const absoluteMove: Operation<To, null> = {
  name: 'AbsoluteMove',
  service: 'ptz',
  body: ({ profile, to }) => token('ProfileToken', profile) + vector('Position', to),
  read: nothing,
};

export const gotoHome: Operation<{ readonly profile: string }, null> = {
  name: 'GotoHomePosition',
  service: 'ptz',
  body: ({ profile }) => token('ProfileToken', profile),
  read: nothing,
};

export interface Status {
  readonly place: Place;
  /** Null: the dome does not say. */
  readonly moving: boolean | null;
  /** The dome's clock, Unix ms; null: not told. */
  readonly utcMs: number | null;
  /** So long ago it was so, as far as the dome tells; seconds, since its clock is known by seconds. */
  readonly lateMs?: number;
}

export const getStatus: Operation<{ readonly profile: string }, Status> = {
  name: 'GetStatus',
  service: 'ptz',
  body: ({ profile }) => token('ProfileToken', profile),
  read: (reply) => {
    const status = at(reply, 'PTZStatus');
    const utcMs = Date.parse(text(status, 'UtcTime') ?? '');
    return {
      place: placeOf(at(status, 'Position')),
      moving: isMoving(status),
      utcMs: Number.isNaN(utcMs) ? null : utcMs,
    };
  },
};

/** Of an element with PanTilt and Zoom inside. */
export function placeOf(position: XmlNode | null): Place {
  const number = (...path: string[]): number | null => {
    const value = Number(text(position, ...path) ?? Number.NaN);
    return Number.isFinite(value) ? value : null;
  };
  return {
    pan: number('PanTilt', '@x'),
    tilt: number('PanTilt', '@y'),
    zoom: number('Zoom', '@x'),
  };
}

/** Some tell one word for all of it. */
function isMoving(status: XmlNode | null): boolean | null {
  const words = [['PanTilt'], ['Zoom'], []]
    .map((path) =>
      text(status, 'MoveStatus', ...path)
        ?.trim()
        .toUpperCase(),
    )
    .filter((word) => word === 'MOVING' || word === 'IDLE');
  return words.length === 0 ? null : words.includes('MOVING');
}

type Source = { readonly source: string };

/** Positive speeds are understood as towards the far end; ONVIF leaves the sign to the device. */
export const moveFocus: Operation<Source & { readonly speed: number }, null> = {
  name: 'Move',
  service: 'imaging',
  body: ({ source, speed }) =>
    token('VideoSourceToken', source) +
    `<n:Focus ${schema}><t:Continuous><t:Speed>${speed}</t:Speed></t:Continuous></n:Focus>`,
  read: nothing,
};

export const stopFocus: Operation<Source, null> = {
  name: 'Stop',
  service: 'imaging',
  body: ({ source }) => token('VideoSourceToken', source),
  read: nothing,
};

export const autoFocus: Operation<Source, null> = {
  name: 'SetImagingSettings',
  service: 'imaging',
  body: ({ source }) =>
    token('VideoSourceToken', source) +
    `<n:ImagingSettings ${schema}><t:Focus><t:AutoFocusMode>AUTO</t:AutoFocusMode></t:Focus>` +
    '</n:ImagingSettings><n:ForcePersistence>false</n:ForcePersistence>',
  read: nothing,
};

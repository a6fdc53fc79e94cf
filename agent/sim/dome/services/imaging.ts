// The imaging service of the simulated dome: focus and the day/night filter.

import { child, type Element } from '../envelope.ts';
import { irCutFilters } from '../imaging.ts';
import type { Inside } from '../services.ts';
import { argument, type Handler, invalid, numberIn, range, tt } from './support.ts';

const withSource = (request: Element, { abilities }: Inside): void => {
  const token = argument(request, 'VideoSourceToken');
  if (token !== abilities.tokens.source) throw invalid('NoSource', `no video source ${token}`);
};

export const imaging: { readonly [operation: string]: Handler } = {
  GetServiceCapabilities: () => '<timg:Capabilities ImageStabilization="false"/>',
  GetImagingSettings: (request, inside) => {
    withSource(request, inside);
    const { autoFocus, irCutFilter } = inside.imaging;
    const isTold = inside.abilities.dayNight && !inside.quirks.untoldFilter;
    const filter = isTold ? tt('IrCutFilter', irCutFilter) : '';
    const focus = tt('Focus', tt('AutoFocusMode', autoFocus ? 'AUTO' : 'MANUAL'));
    return `<timg:ImagingSettings>${focus}${filter}</timg:ImagingSettings>`;
  },
  SetImagingSettings: (request, inside) => {
    withSource(request, inside);
    const { imaging, effective } = inside;
    const settings = child(request, 'ImagingSettings', request.namespace);
    const given = child(settings, 'IrCutFilter')?.text;
    const filter = irCutFilters.find((one) => one === given);
    if (given !== undefined && !(filter && inside.abilities.dayNight))
      throw invalid('SettingsInvalid', `no filter ${given}`);
    const mode = child(child(settings, 'Focus'), 'AutoFocusMode')?.text;
    if (!effective()) return '';
    if (filter) imaging.irCutFilter = filter;
    if (mode) imaging.autoFocus = mode === 'AUTO';
    return '';
  },
  GetOptions: (request, inside) => {
    withSource(request, inside);
    const filters = inside.abilities.dayNight ? irCutFilters : [];
    const modes = filters.map((one) => tt('IrCutFilterModes', one)).join('');
    const focus = tt('Focus', tt('AutoFocusModes', 'AUTO') + tt('AutoFocusModes', 'MANUAL'));
    return `<timg:ImagingOptions>${focus}${modes}</timg:ImagingOptions>`;
  },
  GetMoveOptions: (request, inside) => {
    withSource(request, inside);
    const absolute = tt('Absolute', range('Position', 0, 1) + range('Speed', 0, 1));
    const relative = tt('Relative', range('Distance', -1, 1) + range('Speed', 0, 1));
    const continuous = tt('Continuous', range('Speed', -1, 1));
    return `<timg:MoveOptions>${absolute}${relative}${continuous}</timg:MoveOptions>`;
  },
  GetStatus: (request, inside) => {
    withSource(request, inside);
    const { focus, focusing } = inside.imaging;
    const state = tt('MoveStatus', focusing ? 'MOVING' : 'IDLE');
    const inner = tt('FocusStatus20', tt('Position', focus.toFixed(5)) + state);
    return `<timg:Status>${inner}</timg:Status>`;
  },
  Move: (request, inside) => {
    withSource(request, inside);
    const { imaging, effective } = inside;
    const focus = child(request, 'Focus', request.namespace);
    const of = (kind: string, name: string) => numberIn(child(child(focus, kind), name)?.text);
    const speed = of('Continuous', 'Speed');
    const distance = of('Relative', 'Distance');
    const to = of('Absolute', 'Position');
    if (speed === undefined && distance === undefined && to === undefined)
      throw invalid('InvalidArgs', 'no way to move the focus');
    if (!effective()) return '';
    if (speed !== undefined) imaging.runFocus(speed);
    if (distance !== undefined)
      imaging.moveFocus(imaging.focus + distance, of('Relative', 'Speed'));
    if (to !== undefined) imaging.moveFocus(to, of('Absolute', 'Speed'));
    return '';
  },
  Stop: (request, inside) => {
    withSource(request, inside);
    const { imaging, effective } = inside;
    if (effective()) imaging.stopFocus();
    return '';
  },
};

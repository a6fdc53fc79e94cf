// Drill and service windows as the desk sees them: where one is open and for how long, and who here may open
// or close one. The terminal judges it again.

import { computed } from '@preact/signals';
import { type Mark, marks, openers, windowMinutesMax } from '../../../core/mark.ts';
import type { TerminalView } from '../../client/terminals.ts';
import { t } from '../texts.ts';
import type { Desk } from './desk.ts';

export interface OpenWindow {
  readonly view: TerminalView;
  readonly mark: Mark;
  readonly leftMs: number;
  readonly role: string;
  readonly user: string;
}

export class Windows {
  /** Those that are open, the one that ends first before the others. */
  readonly open = computed<readonly OpenWindow[]>(() => {
    const views = [...this.#desk.watch.terminals.value.values()].filter(({ window }) => window);
    // Told afresh every second while there is any, and not otherwise.
    if (views.length === 0) return [];
    const nowMs = this.#desk.watch.nowMs.value;
    return views
      .flatMap((view) => {
        const { mark, untilWallMs, role, user } = view.window ?? {};
        if (!mark || untilWallMs === undefined || role === undefined || user === undefined)
          return [];
        const leftMs = untilWallMs - nowMs;
        return leftMs > 0 ? [{ view, mark, leftMs, role, user }] : [];
      })
      .sort((a, b) => a.leftMs - b.leftMs);
  });
  readonly #desk: Desk;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  of(terminal: string): OpenWindow | null {
    return this.open.value.find(({ view }) => view.id === terminal) ?? null;
  }

  /** What this role may open. */
  get mine(): readonly Mark[] {
    const { me } = this.#desk;
    return this.#desk.may('window.open')
      ? marks.filter((mark) => openers[mark].includes(me.role))
      : [];
  }

  async begin(terminal: string, mark: Mark, minutes: number, siren: boolean): Promise<void> {
    const most = Math.max(1, Math.min(windowMinutesMax[mark], Math.round(minutes)));
    const asked =
      mark === 'drill'
        ? { mark, minutes: most, siren }
        : { mark, minutes: most, siren: false as const };
    try {
      await this.#desk.client.openWindow(terminal, asked);
    } catch (error) {
      this.#desk.refused(error);
    }
  }

  async end(terminal: string): Promise<void> {
    try {
      const { already } = await this.#desk.client.closeWindow(terminal);
      if (already) this.#desk.notes.say(t('windowOver'));
    } catch (error) {
      this.#desk.refused(error);
    }
  }
}

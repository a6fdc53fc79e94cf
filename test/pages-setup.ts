// Builds our pages once, before the suites that open them in a browser: what they find is what the sources
// say now.

import { buildPage } from './support/build-page.ts';

export default function buildPages(): void {
  buildPage('console');
  buildPage('panel');
}

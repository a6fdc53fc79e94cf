// What every input has, wherever it is wired.

import { inputRoles } from '../core/setup.ts';
import { kinds } from '../core/state.ts';
import { oneOf, text, word } from './words.ts';

export const inputFields = {
  id: word,
  name: text('what people call it', 64),
  role: oneOf(inputRoles).default('button'),
  kind: oneOf(kinds).optional(),
};

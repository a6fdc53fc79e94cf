// The language of the wizard, and of the prompts in the gate room.

import type { Step } from '../draft.ts';
import type { Language, Words } from '../words.ts';

/** Nobody has said yet which one. */
const both = (text: string): Words => [text, text];

export const languageStep: Step = {
  id: 'language',
  title: both('Language 语言'),
  about: both('Of this wizard and of the gate room. 本向导和门卫室语音的语言。'),
  maySkip: false,
  async run(draft, { ask }) {
    const language = await ask.choose<Language>(
      'Language 语言',
      [
        { name: '中文', value: 'zh' },
        { name: 'English', value: 'en' },
      ],
      draft.language,
    );
    return { ...draft, language };
  },
};

// Login: a user and a password, no more.

import { useSignal } from '@preact/signals';
import type { Entered } from '../../client/login.ts';
import { switchLanguage } from '../../page/language.ts';
import type { Entrance, Outside } from '../login.ts';
import { type Text, t } from '../texts.ts';

const noes: { readonly [E in Entered | Outside]?: Text } = {
  ...{ wrong: 'loginWrong', 'too-many': 'loginTooMany', unreachable: 'loginUnreachable' },
  ...{ ended: 'loginEnded', asking: 'connecting' },
};

export function LoginForm({ entrance }: { readonly entrance: Entrance }) {
  const user = useSignal('');
  const password = useSignal('');
  const entered = useSignal<Entered | null>(null);
  const enter = async (event: Event) => {
    event.preventDefault();
    entered.value = null;
    entered.value = await entrance.enter(user.value.trim(), password.value);
  };
  const no = noes[entered.value ?? entrance.outside.value];
  return (
    <main class="login">
      <form onSubmit={(event) => void enter(event)}>
        <h1>{t('title')}</h1>
        <label>
          {t('user')}
          <input
            name="user"
            autocomplete="username"
            required
            pattern="[A-Za-z0-9][A-Za-z0-9._\-]{0,63}"
            value={user.value}
            onInput={(event) => (user.value = event.currentTarget.value)}
          />
        </label>
        <label>
          {t('password')}
          <input
            name="password"
            type="password"
            autocomplete="current-password"
            value={password.value}
            onInput={(event) => (password.value = event.currentTarget.value)}
          />
        </label>
        <p class="login-wrong" role="alert">
          {no && t(no)}
        </p>
        <button type="submit" class="act act-main">
          <span>{t('login')}</span>
        </button>
        <button type="button" class="plain" onClick={switchLanguage}>
          {t('otherLanguage')}
        </button>
      </form>
    </main>
  );
}

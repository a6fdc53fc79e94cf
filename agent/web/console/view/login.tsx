// Login: a user and a password, no more.

import { useSignal } from '@preact/signals';
import type { ConsoleConfig } from '../config.ts';
import type { Login } from '../desk/desk.ts';
import { LoginRefused, logIn } from '../login.ts';
import { switchLanguage, t } from '../texts.ts';

interface Props {
  readonly config: ConsoleConfig;
  /** A login before has come to its end. */
  readonly ended: boolean;
  readonly done: (who: Login) => void;
}

export function LoginForm({ config, ended, done }: Props) {
  const user = useSignal('');
  const password = useSignal('');
  const wrong = useSignal<string | null>(null);
  const enter = (event: Event) => {
    event.preventDefault();
    wrong.value = null;
    logIn(config, user.value.trim(), password.value).then(done, (error: unknown) => {
      wrong.value =
        error instanceof LoginRefused
          ? t('loginRefused')
          : `${t('loginFailed')}: ${error instanceof Error ? error.message : String(error)}`;
    });
  };
  const said = wrong.value ?? (ended ? t('loginEnded') : '');
  return (
    <main class="login">
      <form onSubmit={enter}>
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
          {said}
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

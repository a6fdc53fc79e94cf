// The page as a whole: login first, then the desk with its three regions; how the line is and whether there
// is sound stand above everything.

import { signal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { ConsoleConfig } from '../config.ts';
import { Desk, type Login } from '../desk/desk.ts';
import { loggedIn, logOut } from '../login.ts';
import { t } from '../texts.ts';
import { actsOf } from './acts.ts';
import { Alarms } from './alarms.tsx';
import { Bar } from './bar.tsx';
import { CaseInHand } from './case.tsx';
import { Keys } from './keys.ts';
import { LoginForm } from './login.tsx';
import { NoteStrip } from './notes.tsx';
import { Side } from './side.tsx';
import type { Ui } from './ui.ts';

export function Wrong({ detail }: { readonly detail: string }) {
  return (
    <main class="wrong">
      <h1>{t('configWrong')}</h1>
      <p>{detail}</p>
    </main>
  );
}

const login = signal<Login | null>(null);
const ended = signal(false);

export function App({ config, ui }: { readonly config: ConsoleConfig; readonly ui: Ui }) {
  useEffect(() => {
    login.value = loggedIn();
  }, []);
  const me = login.value;
  const out = (wasRefused: boolean) => {
    logOut();
    ended.value = wasRefused;
    login.value = null;
  };
  if (me === null)
    return <LoginForm config={config} ended={ended.value} done={(who) => (login.value = who)} />;
  return <DeskPage key={me.user} config={config} ui={ui} me={me} out={out} />;
}

interface DeskPageProps {
  readonly config: ConsoleConfig;
  readonly ui: Ui;
  readonly me: Login;
  readonly out: (wasRefused: boolean) => void;
}

/** The broker's word for a login that it does not take, in MQTT 5 and before. */
const refusal = /not authori[sz]ed|bad user ?name or password|connection refused/i;

function DeskPage({ config, ui, me, out }: DeskPageProps) {
  const desk = useMemo(() => new Desk(config, me), [config, me]);
  const acts = useMemo(() => actsOf(desk, ui), [desk, ui]);
  const search = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const keys = new Keys(Object.values(acts), () => search.current?.focus());
    keys.open();
    void desk.open((detail) => {
      if (refusal.test(detail)) out(true);
    });
    return () => {
      keys.close();
      void desk.close();
    };
  }, [desk, acts, out]);
  return (
    <div class="desk">
      <Bar desk={desk} ui={ui} out={() => out(false)} />
      <Alarms desk={desk} ui={ui} acts={acts} />
      <CaseInHand desk={desk} ui={ui} acts={acts} />
      <Side desk={desk} ui={ui} search={search} />
      <NoteStrip desk={desk} />
    </div>
  );
}

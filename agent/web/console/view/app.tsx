// The page as a whole: login first, then the desk with its three regions; how the line is and whether there
// is sound stand above everything.

import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { ConsoleConfig } from '../config.ts';
import { Desk, type Me } from '../desk/desk.ts';
import type { Entrance } from '../login.ts';
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

interface Props {
  readonly config: ConsoleConfig;
  readonly entrance: Entrance;
  readonly ui: Ui;
}

export function App({ config, entrance, ui }: Props) {
  const me = entrance.me.value;
  if (me === null) return <LoginForm entrance={entrance} />;
  return (
    <DeskPage key={`${me.role}/${me.user}`} config={config} ui={ui} me={me} entrance={entrance} />
  );
}

interface DeskPageProps {
  readonly config: ConsoleConfig;
  readonly ui: Ui;
  readonly me: Me;
  readonly entrance: Entrance;
}

/** The broker's word for a login that it does not take, in MQTT 5 and before. */
const refusal = /not authori[sz]ed|bad user ?name or password|connection refused/i;

function DeskPage({ config, ui, me, entrance }: DeskPageProps) {
  const desk = useMemo(() => new Desk(config, me), [config, me]);
  const acts = useMemo(() => actsOf(desk, ui), [desk, ui]);
  const search = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const keys = new Keys(Object.values(acts), () => search.current?.focus());
    keys.open();
    void desk.open((detail) => {
      if (refusal.test(detail)) entrance.refused();
    });
    return () => {
      keys.close();
      void desk.close();
    };
  }, [desk, acts, entrance]);
  return (
    <div class="desk">
      <Bar desk={desk} out={() => void entrance.leave()} />
      <Alarms desk={desk} ui={ui} acts={acts} />
      <CaseInHand desk={desk} ui={ui} acts={acts} />
      <Side desk={desk} ui={ui} search={search} />
      <NoteStrip desk={desk} />
    </div>
  );
}

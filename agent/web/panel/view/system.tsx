// Network, clock, program, certificate, and the bundle for whoever has to find out more.

import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import type { SystemView, Text } from '../../../panel/api.ts';
import { language } from '../../page/language.ts';
import { momentText, spanText } from '../../page/time.ts';
import { isProblem, paths } from '../asks.ts';
import type { Panel } from '../panel.ts';
import { say, t } from '../texts.ts';

interface Known {
  readonly view: SystemView;
  /** This browser's clock less the terminal's. */
  readonly apartMs: number;
}

export function System({ panel }: { readonly panel: Panel }) {
  const known = useSignal<Known | null>(null);
  const wrong = useSignal<Text | null>(null);
  const asked = useSignal(0);
  useEffect(() => {
    const load = async () => {
      const answer = await panel.asks.system();
      wrong.value = isProblem(answer) ? answer.problem.text : null;
      if (isProblem(answer)) return;
      known.value = { view: answer.body, apartMs: panel.clock.wallMs() - answer.body.clock.wallMs };
    };
    void load();
  }, [panel, asked.value, known, wrong]);
  return (
    <>
      {wrong.value && (
        <p class="outcome outcome-wrong" role="alert">
          {say(wrong.value)}
        </p>
      )}
      {known.value && <Facts {...known.value} />}
      <Faults panel={panel} />
      <p class="system-acts">
        <button type="button" class="act" onClick={() => asked.value++}>
          {t('refresh')}
        </button>
        <a class="act" id="support" href={paths.support} download>
          {t('support')}
        </a>
        <span class="quiet">{t('supportSays')}</span>
      </p>
    </>
  );
}

/** As the terminal itself words them; the guard reads what to do. */
function Faults({ panel }: { readonly panel: Panel }) {
  const faults = panel.stream.view.value?.faults ?? [];
  if (faults.length === 0) return null;
  return (
    <Group title={t('faults')}>
      {faults.map(({ fault, detail, sinceWallMs }) => (
        <Fact key={fault} name={fault}>
          {detail} <small>{momentText(sinceWallMs, language.value)}</small>
        </Fact>
      ))}
    </Group>
  );
}

/** More than that between two clocks is worth a word. */
const apartMaxMs = 2_000;

function Facts({ view, apartMs }: Known) {
  const { network, clock, versions, certificate, figures, uptimeS } = view;
  const tongue = language.value;
  const listed = (all: readonly string[]) => all.join(', ') || t('none');
  return (
    <div class="facts">
      <Group title={t('network')}>
        <Fact name={t('hostname')}>{network.hostname}</Fact>
        {network.interfaces.map(({ name, up, addresses, mac }) => (
          <Fact key={name} name={name}>
            {t(up ? 'up' : 'down')} · {listed(addresses)} · {mac}
          </Fact>
        ))}
        <Fact name={t('gateway')}>{listed(network.gateways)}</Fact>
        <Fact name={t('nameServers')}>{listed(network.dns)}</Fact>
        <Fact name={t('platform')}>
          {t(network.online ? 'online' : 'offline')} · {network.broker ?? t('none')}
        </Fact>
      </Group>
      <Group title={t('clock')}>
        <Fact name={t('clock')}>
          {momentText(clock.wallMs, tongue)} · {say(clock.text)}
        </Fact>
        <Fact name={t('timezone')}>{clock.timezone}</Fact>
        {Math.abs(apartMs) > apartMaxMs && (
          <Fact name={t('browserOff')}>{spanText(Math.abs(apartMs), tongue)}</Fact>
        )}
      </Group>
      <Group title={t('program')}>
        <Fact name={t('versions')}>
          {versions.agent} · node {versions.node} · Linux {versions.kernel}
        </Fact>
        <Fact name={t('running')}>{spanText(uptimeS * 1000, tongue)}</Fact>
        <Fact name={t('waiting')}>{figures.outboxRows}</Fact>
        <Fact name={t('records')}>{figures.records}</Fact>
        <Fact name={t('memory')}>{Math.round(figures.rssMb)} MB</Fact>
      </Group>
      <Group title={t('certificate')}>
        <Fact name={t('validUntil')}>
          {momentText(certificate.untilWallMs, tongue)}
          {certificate.selfSigned && ` · ${t('selfSigned')}`}
        </Fact>
        <Fact name="SHA-256">
          <code>{certificate.fingerprint}</code>
        </Fact>
      </Group>
    </div>
  );
}

interface FactProps {
  readonly name: string;
  readonly children: ComponentChildren;
}

const Fact = ({ name, children }: FactProps) => (
  <div class="fact">
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

const Group = ({
  title,
  children,
}: {
  readonly title: string;
  readonly children: ComponentChildren;
}) => (
  <section>
    <h2>{title}</h2>
    <dl>{children}</dl>
  </section>
);

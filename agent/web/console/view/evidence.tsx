// Snapshots and clips of a case: listed as they are told, fetched when they are wanted, shown once whole and
// proved by their hash.

import { useSignal } from '@preact/signals';
import { language } from '../../page/language.ts';
import { momentText, spanText } from '../../page/time.ts';
import type { Desk } from '../desk/desk.ts';
import type { CaseLog, StoredFile } from '../model/log.ts';
import { t } from '../texts.ts';
import { scrolls } from './parts.tsx';

interface Props {
  readonly desk: Desk;
  readonly log: CaseLog | undefined;
}

export function EvidenceList({ desk, log }: Props) {
  const files = log?.files ?? [];
  return (
    <section class="evidence" aria-labelledby="evidence-title">
      <h3 id="evidence-title">{t('evidence')}</h3>
      {files.length === 0 && <p class="quiet">{t('noFiles')}</p>}
      <ul ref={scrolls} aria-labelledby="evidence-title" data-arrows>
        {log && files.map((file) => <Row key={file.file} desk={desk} log={log} file={file} />)}
      </ul>
      {log && desk.may('evidence.export') && <TakeAway desk={desk} log={log} />}
      <ShownFile desk={desk} />
    </section>
  );
}

function Row({
  desk,
  log,
  file,
}: {
  readonly desk: Desk;
  readonly log: CaseLog;
  readonly file: StoredFile;
}) {
  const lang = language.value;
  const span = spanText(file.afterMs ?? file.lengthMs, lang);
  return (
    <li>
      <span title={momentText(file.wallMs, lang)}>
        <b>{t(file.what)}</b> {span} <small>{sizeText(file.bytes)}</small>
      </span>
      <button
        type="button"
        class="plain"
        disabled={!desk.may('evidence.get')}
        onClick={() => desk.files.show(log.terminal, file)}
      >
        {t('show')}
      </button>
    </li>
  );
}

/** The whole case as one file: not without a reason. */
function TakeAway({ desk, log }: { readonly desk: Desk; readonly log: CaseLog }) {
  const reason = useSignal('');
  const take = (event: Event) => {
    event.preventDefault();
    if (reason.value.trim() !== '') desk.files.take(log.terminal, log.id, reason.value.trim());
  };
  return (
    <form class="take-away" onSubmit={take}>
      <input
        name="reason"
        required
        maxLength={200}
        aria-label={t('exportReason')}
        placeholder={t('exportReason')}
        value={reason.value}
        onInput={(event) => {
          reason.value = event.currentTarget.value;
        }}
      />
      <button type="submit" class="plain">
        {t('exportCase')}
      </button>
    </form>
  );
}

function ShownFile({ desk }: { readonly desk: Desk }) {
  const shown = desk.files.shown.value;
  if (!shown) return null;
  const { file, what, part, url, isVerified } = shown;
  return (
    <div class="shown" id="shown" data-verified={isVerified}>
      <p>
        {isVerified === null && (
          <progress value={part} max={1}>
            {Math.round(part * 100)} %
          </progress>
        )}
        {isVerified === null && what === 'case' && part === 0 && t('making')}
        {isVerified === true && <span class="verified">✓ {t('verified')}</span>}
        {isVerified === false && <span class="claim">✗ {t('notVerified')}</span>}
        {url && (
          <a href={url} download={file}>
            {t('save')}
          </a>
        )}
        <button type="button" class="plain" onClick={() => desk.files.close()}>
          {t('close')}
        </button>
      </p>
      {url && what === 'snapshot' && <img src={url} alt={t('snapshot')} />}
      {url && (what === 'clip' || what === 'talk') && (
        <video src={url} controls muted={what === 'clip'} aria-label={t(what)} />
      )}
    </div>
  );
}

const sizeText = (bytes: number): string =>
  bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;

// How the report's page looks, on paper and on a screen.

export const css = `
@page { size: A4; margin: 11mm 12mm; }
* { box-sizing: border-box; }
body { font: 8.4pt/1.32 "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", sans-serif;
  color: #111; background: #fff; max-width: 186mm; margin: 0 auto; }
header { display: flex; align-items: baseline; gap: 6mm; border-bottom: 0.6mm solid #111; }
h1 { font-size: 15pt; margin: 0 0 1mm; flex: 1; }
header strong { font-size: 12pt; border: 0.5mm solid #111; padding: 0 2.5mm; }
.mark { background: #111; color: #fff; font-size: 15pt; letter-spacing: 0.1em;
  print-color-adjust: exact; -webkit-print-color-adjust: exact; }
h2 { font-size: 9.2pt; margin: 1.6mm 0 0.3mm; border-bottom: 0.2mm solid #777; }
dl { display: grid; grid-template-columns: max-content 1fr max-content 1fr; gap: 0.2mm 3mm; margin: 1.2mm 0; }
dt { color: #444; }
dd, td { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
dd { margin: 0; font-weight: 600; }
dd.note { grid-column: 2 / -1; white-space: normal; max-height: 3.9em; overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; table-layout: fixed; }
th { text-align: left; font-weight: 400; color: #444; }
td, th { padding: 0.1mm 2mm 0.1mm 0; vertical-align: top; border-bottom: 0.1mm solid #ccc;
  line-height: 1.27; font-variant-numeric: tabular-nums; }
/* Widths of columns, in the first row of each table. */
.hops :is(td, th) { width: 14%; }
.hops :is(td, th):nth-child(2) { width: 27%; }
.hops :is(td, th):nth-child(5) { width: 23%; }
.hops :is(td, th):nth-child(6) { width: 8%; }
.people td { width: 22%; }
.people td:nth-child(2) { width: 12%; }
.files td { width: 8%; }
.files td:nth-child(2) { width: 12%; }
.files td:nth-child(3) { width: 47%; }
.files td:nth-child(4) { width: 25%; }
.missing td:nth-child(1) { width: 9%; }
.faults td { width: 23%; }
.faults td:nth-child(2) { width: 50%; }
code { font: 6pt/1.2 "DejaVu Sans Mono", Consolas, monospace; overflow-wrap: anywhere; }
p { margin: 0.4mm 0; }
footer { margin-top: 2.4mm; border-top: 0.6mm solid #111; padding-top: 1mm; overflow-wrap: anywhere; }
`;

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
h2 { font-size: 9.4pt; margin: 2.2mm 0 0.6mm; border-bottom: 0.2mm solid #777; }
dl { display: grid; grid-template-columns: max-content 1fr max-content 1fr; gap: 0.3mm 3mm; margin: 1.6mm 0; }
dt { color: #444; } dd { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; }
th { text-align: left; font-weight: 400; color: #444; }
td, th { padding: 0.25mm 2mm 0.25mm 0; vertical-align: top; border-bottom: 0.1mm solid #ccc;
  overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
code { font: 7pt/1.2 "DejaVu Sans Mono", Consolas, monospace; overflow-wrap: anywhere; }
p { margin: 0.4mm 0; }
footer { margin-top: 2.4mm; border-top: 0.6mm solid #111; padding-top: 1mm; overflow-wrap: anywhere; }
`;

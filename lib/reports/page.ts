/**
 * One HTML page that needs nothing else: no scripts, no fonts or styles from elsewhere. It can be mailed, printed
 * and opened in ten years. All text given here is escaped; markup comes only from this module and the charts.
 */

/** Markup that is safe to put on a page. Text is never this: it goes through {@link text} or a function below. */
export interface Html {
  readonly html: string;
}

/** One part of a page: a heading, a sentence or two on what is to be seen, and what there is to see. */
export interface Section {
  readonly title: string;
  readonly lead?: string;
  readonly content: readonly Html[];
}

/** A column of a table; numbers go to the right. */
export interface Column {
  readonly header: string;
  readonly align?: 'left' | 'right';
}

/** One number worth a large print. */
export interface Fact {
  readonly label: string;
  readonly value: string;
  readonly note?: string;
}

/**
 * A whole page.
 *
 * @example
 * htmlPage({ title: 'Backtest', sections: [{ title: 'Warnings', content: [table(columns, rows)] }] })
 */
export function htmlPage(page: {
  readonly title: string;
  readonly subtitle?: string;
  readonly sections: readonly Section[];
  /** Language of the text, `en` unless told. */
  readonly language?: string;
}): string {
  const subtitle =
    page.subtitle === undefined ? '' : `<p class="subtitle">${escapeHtml(page.subtitle)}</p>`;
  return `<!doctype html>
<html lang="${escapeHtml(page.language ?? 'en')}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${NOTHING_FROM_ELSEWHERE}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(page.title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header><h1>${escapeHtml(page.title)}</h1>${subtitle}</header>
<main>
${page.sections.map(sectionHtml).join('\n')}
</main>
</body>
</html>
`;
}

/** Should a text ever slip through as markup, it can run nothing and call nobody. */
const NOTHING_FROM_ELSEWHERE = "default-src 'none'; style-src 'unsafe-inline'";

/** Text as a paragraph. */
export function paragraph(content: string): Html {
  return { html: `<p>${escapeHtml(content)}</p>` };
}

/** Sentences one below the other. */
export function bullets(list: readonly string[]): Html {
  return { html: `<ul>${list.map((content) => `<li>${escapeHtml(content)}</li>`).join('')}</ul>` };
}

/** Large numbers in a row. */
export function facts(list: readonly Fact[]): Html {
  const items = list.map(({ label, value, note }) => {
    const small = note === undefined ? '' : `<span class="note">${escapeHtml(note)}</span>`;
    return `<div><dt>${escapeHtml(label)}</dt><dd>${escapeHtml(value)}${small}</dd></div>`;
  });
  return { html: `<dl class="facts">${items.join('')}</dl>` };
}

/** A table; a cell is text or a number that the caller has formatted. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly (string | number)[])[],
): Html {
  const cell = (tag: 'th' | 'td', content: string | number, index: number) => {
    const right = columns[index]?.align === 'right' ? ' class="number"' : '';
    return `<${tag}${right}>${escapeHtml(String(content))}</${tag}>`;
  };
  const head = columns.map(({ header }, index) => cell('th', header, index)).join('');
  const body = rows.map(
    (row) => `<tr>${row.map((content, index) => cell('td', content, index)).join('')}</tr>`,
  );
  return {
    html: `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table></div>`,
  };
}

/** Things beside each other, as many in a row as the page is wide. */
export function grid(items: readonly Html[]): Html {
  return { html: `<div class="grid">${items.map(({ html }) => html).join('\n')}</div>` };
}

/** An inline SVG with its caption; `note` is smaller text below. */
export function figure(svg: string, caption: string, note?: string): Html {
  const small = note === undefined ? '' : `<p class="note">${escapeHtml(note)}</p>`;
  return {
    html: `<figure><figcaption>${escapeHtml(caption)}</figcaption>${svg}${small}</figure>`,
  };
}

/** Text as HTML shows it. */
export function escapeHtml(content: string): string {
  return content.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

function sectionHtml({ title, lead, content }: Section): string {
  const sentence = lead === undefined ? '' : `<p class="lead">${escapeHtml(lead)}</p>`;
  const parts = content.map(({ html }) => html).join('\n');
  return `<section><h2>${escapeHtml(title)}</h2>${sentence}${parts}</section>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Charts have no background and mid-grey text, so that they read on light and on dark. */
const STYLE = `
:root { color-scheme: light dark; --ink: #1d2733; --quiet: #5a6675; --line: #dfe4ea; --paper: #ffffff; --card: #f7f9fb; --accent: #0072b2; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaef; --quiet: #9aa7b5; --line: #313b47; --paper: #14191f; --card: #1a2129; --accent: #56b4e9; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", "Noto Sans", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", sans-serif; }
header, main { max-width: 72rem; margin: 0 auto; padding: 0 1.5rem; }
header { padding-top: 3rem; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0; letter-spacing: -0.01em; }
h2 { font-size: 1.3rem; margin: 3rem 0 0.5rem; padding-top: 1rem; border-top: 1px solid var(--line); }
p, ul { max-width: 46rem; margin: 0.5rem 0; }
ul { padding-left: 1.2rem; }
li { margin: 0.25rem 0; }
.subtitle { color: var(--quiet); font-size: 1.05rem; }
.lead { color: var(--quiet); }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr)); gap: 1rem; margin: 1.5rem 0; }
.facts div { background: var(--card); border: 1px solid var(--line); border-radius: 0.5rem; padding: 0.8rem 1rem; }
.facts dt { color: var(--quiet); font-size: 0.85rem; }
.facts dd { margin: 0; font-size: 1.6rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.note { display: block; color: var(--quiet); font-size: 0.8rem; font-weight: 400; margin: 0.2rem 0 0; }
.scroll { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 0.4rem 0.9rem 0.4rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--quiet); font-weight: 600; }
.number { text-align: right; }
td.number { white-space: nowrap; }
.grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(22rem, 100%), 1fr)); gap: 1.5rem 2rem; margin: 1rem 0; }
figure { margin: 1rem 0; min-width: 0; }
.grid figure { margin: 0; }
figcaption { font-weight: 600; font-size: 0.95rem; margin-bottom: 0.3rem; }
figure svg { display: block; width: 100%; height: auto; }
@media screen and (max-width: 45rem) { th, td { min-width: 4.5rem; } td:last-child:not(.number) { min-width: 14rem; } }
@page { size: A4; margin: 14mm 13mm; }
@media print {
:root { color-scheme: light; --ink: #000; --quiet: #444; --line: #bbb; --paper: #fff; --card: #fff; --accent: #0072b2; }
body { font-size: 9.5pt; line-height: 1.4; }
header, main { max-width: none; padding: 0; }
header { padding-top: 0; }
h1 { font-size: 18pt; }
h2 { font-size: 12.5pt; margin: 1.1rem 0 0.2rem; padding-top: 0.5rem; }
h2, figcaption, .lead { break-after: avoid; }
p, ul { max-width: none; }
.subtitle, .lead { font-size: 9.5pt; }
figure, .facts div, li, tr { break-inside: avoid; }
.facts { grid-template-columns: repeat(4, 1fr); gap: 0.4rem; margin: 0.5rem 0; }
.facts div { padding: 0.4rem 0.6rem; }
.facts dt { font-size: 8pt; }
.facts dd { font-size: 13pt; }
.note { font-size: 7.5pt; }
.grid { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 0.6rem 1.2rem; }
.scroll { overflow: visible; margin: 0.5rem 0; }
table { font-size: 8pt; }
th, td { padding: 0.2rem 0.6rem 0.2rem 0; }
figcaption { font-size: 9pt; }
}
`;

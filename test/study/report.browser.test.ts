import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, launch, type Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { printPdf } from '../../bin/study/print-pdf.ts';
import { TEXT_LANGUAGES } from '../../lib/domain/policy.ts';
import { PALETTE } from '../../lib/reports/charts.ts';
import { studyPage } from '../../lib/study/report/study-page.ts';
import {
  type BundledChromium,
  unpackChromium,
  whyNoChromium,
} from '../support/bundled-chromium.ts';
import { startForewarn } from '../support/run-forewarn.ts';
import { sampleStudy } from './sample-study.ts';
import { CLEAR_NUMBER, tokensOfStudy } from './tokens-of-study.ts';

const WIDTH = 1200;
const result = sampleStudy();
const tokens = tokensOfStudy(result);
const pages = { en: studyPage(result, 'en'), 'zh-CN': studyPage(result, 'zh-CN') };
const hinder = whyNoChromium();
if (hinder !== undefined) process.stderr.write(`The report is not opened: ${hinder}.\n`);

describe.skipIf(hinder !== undefined)('the report in a real browser', () => {
  let chromium: BundledChromium;
  let browser: Browser;
  let folder = '';

  beforeAll(async () => {
    chromium = await unpackChromium();
    folder = await mkdtemp(join(tmpdir(), 'forewarn-report-'));
    browser = await launch({
      executablePath: chromium.executablePath,
      env: chromium.environment,
      headless: 'shell',
      args: ['--no-sandbox', '--disable-gpu'],
    });
  });

  afterAll(async () => {
    await browser?.close();
    await chromium?.remove();
    await rm(folder, { recursive: true, force: true });
  });

  /** Opens a page from a file, as a chief does, and notes all that it does on its own. */
  async function open(html: string) {
    const file = join(folder, 'report.html');
    await writeFile(file, html);
    const address = pathToFileURL(file).href;
    const page = await browser.newPage();
    await page.setViewport({ width: WIDTH, height: 900 });
    const noise: string[] = [];
    page.on('console', (message) => noise.push(`console: ${message.text()}`));
    page.on('pageerror', (error) => noise.push(`error: ${error}`));
    page.on('request', (request) => {
      if (request.url() !== address) noise.push(`request: ${request.url()}`);
    });
    await page.goto(address, { waitUntil: 'load' });
    return { page, noise };
  }

  test('the test sees a page that is noisy, and a plot that is empty', async () => {
    const { page, noise } = await open(
      '<img src="http://127.0.0.1:9/x.png"><figure><svg width="100" height="50"></svg></figure><script>console.log(1); throw new Error("2")</script>',
    );
    expect(noise.map((line) => line.split(':')[0])).toEqual(
      expect.arrayContaining(['console', 'error', 'request']),
    );
    expect(await plotsOf(page)).toMatchObject([{ marks: 0 }]);
    await page.close();
  });

  test('runs no script and reaches nobody, even if markup slipped in', async () => {
    const reached: (string | undefined)[] = [];
    const elsewhere = createServer((request, response) => {
      reached.push(request.url);
      response.end();
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
    const slip = (html: string, path: string) =>
      html.replace(
        '</body>',
        `<img src="${address}/${path}"><script>document.title = "mine"</script></body>`,
      );
    try {
      const unguarded = await open(slip('<title>ours</title><body></body>', 'unguarded'));
      expect(await unguarded.page.title()).toBe('mine');
      const guarded = await open(slip(pages.en, 'guarded'));
      expect(await guarded.page.title()).not.toBe('mine');
      await Promise.all([unguarded.page.close(), guarded.page.close()]);
      expect(reached).toEqual(['/unguarded']);
    } finally {
      elsewhere.close();
    }
  });

  test.each(TEXT_LANGUAGES)(
    'is quiet, drawn in full, and without numbers in %s',
    async (language) => {
      const html = pages[language];
      const { page, noise } = await open(html);

      const plots = await plotsOf(page);
      const drawn = html.match(/<figure>/g)?.length ?? 0;
      expect(plots).toHaveLength(drawn);
      expect(drawn).toBeGreaterThan(15);
      for (const plot of plots) {
        expect(plot.marks, plot.name).toBeGreaterThan(0);
        expect(plot.width, plot.name).toBeGreaterThan(200);
        expect(plot.height, plot.name).toBeGreaterThan(20);
        expect(plot.outside, plot.name).toBe(0);
      }

      const { text, wide, source } = await contentOf(page);
      expect(wide).toBeLessThanOrEqual(WIDTH);
      for (const seen of [text, source, html]) {
        expect(seen).not.toMatch(CLEAR_NUMBER);
        for (const token of tokens) expect(seen).not.toContain(token);
      }
      expect(noise).toEqual([]);
      await page.close();
    },
  );

  test('prints', async () => {
    expectSheets(Buffer.from(await printPdf(pages.en, chromium)));
  });

  test('is printed by the command line, with the browser that CHROME_PATH names', async () => {
    const [study, pdf] = [join(folder, 'study.json'), join(folder, 'report.pdf')];
    await writeFile(study, JSON.stringify(result));
    const { code, stderr } = await startForewarn(
      ['report', '--study', study, '--pdf', pdf, '--lang', 'zh-CN'],
      { ...chromium.environment, CHROME_PATH: chromium.executablePath },
    ).finished;
    expect(stderr).toContain(pdf);
    expect(code).toBe(0);
    expectSheets(await readFile(pdf));
  }, 60_000);

  test('a browser that does not start is named, and what to do', async () => {
    const nothing = { ...chromium, executablePath: join(folder, 'no-browser') };
    await expect(printPdf('<p>', nothing)).rejects.toThrow(/no-browser did not print.*CHROME_PATH/);
  });
});

/** A whole report is some sheets of paper, not one and not dozens. */
function expectSheets(pdf: Buffer) {
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
  const sheets = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0;
  expect(sheets).toBeGreaterThanOrEqual(3);
  expect(sheets).toBeLessThanOrEqual(9);
}

/** Of each plot: its size, its marks (what is drawn in the charts' colours), and how many of them lie outside of it. */
function plotsOf(page: Page) {
  return page.$$eval(
    'figure svg',
    (plots, colours) =>
      plots.map((plot) => {
        const frame = plot.getBoundingClientRect();
        const boxes = [...plot.querySelectorAll('path, rect, circle, ellipse, polygon, polyline')]
          .filter((mark) =>
            ['fill', 'stroke'].some((name) =>
              colours.includes((mark.getAttribute(name) ?? '').toLowerCase()),
            ),
          )
          .map((mark) => mark.getBoundingClientRect())
          .filter(({ width, height }) => width > 0 && height > 0);
        const outside = boxes.filter(
          (box) =>
            box.left < frame.left - 2 ||
            box.right > frame.right + 2 ||
            box.top < frame.top - 2 ||
            box.bottom > frame.bottom + 2,
        );
        return {
          name: plot.getAttribute('aria-label') ?? '',
          width: frame.width,
          height: frame.height,
          marks: boxes.length,
          outside: outside.length,
        };
      }),
    [...PALETTE] as string[],
  );
}

async function contentOf(page: Page) {
  return {
    source: await page.content(),
    text: await page.$eval('body', (body) => body.textContent ?? ''),
    wide: await page.$eval('html', (root) => root.scrollWidth),
  };
}

/** Where a browser is, and how it is to be started. */
export interface PrintingBrowser {
  readonly executablePath: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** A browser did not print. */
export class PrintError extends Error {
  readonly code = 'not-printed';
  override readonly name = 'PrintError';
}

const PATIENCE_MS = 60_000;

/** Below each sheet. Its styles are its own: the page's do not reach there. */
const FOOTER =
  '<div style="width:100%;font-size:7pt;color:#777;text-align:center"><span class="pageNumber"></span> / <span class="totalPages"></span></div>';

/**
 * Prints a page that needs nothing else to PDF. The browser runs no script of it and reaches no network.
 *
 * @throws {PrintError} when the browser does not start, or does not print
 */
export async function printPdf(html: string, browser: PrintingBrowser): Promise<Uint8Array> {
  // Loaded only where something is printed.
  const { launch } = await import('puppeteer-core');
  // Chromium refuses to run as root with its sandbox; the page is ours and has no scripts.
  const asRoot = process.getuid?.() === 0;
  try {
    const running = await launch({
      executablePath: browser.executablePath,
      headless: 'shell',
      env: { ...(browser.environment ?? process.env) },
      args: ['--disable-gpu', '--no-first-run', ...(asRoot ? ['--no-sandbox'] : [])],
      timeout: PATIENCE_MS,
    });
    try {
      const page = await running.newPage();
      await page.setOfflineMode(true);
      await page.setJavaScriptEnabled(false);
      await page.setContent(html, { timeout: PATIENCE_MS });
      return await page.pdf({
        preferCSSPageSize: true,
        printBackground: true,
        displayHeaderFooter: true,
        headerTemplate: '<span></span>',
        footerTemplate: FOOTER,
        timeout: PATIENCE_MS,
      });
    } finally {
      await running.close();
    }
  } catch (cause) {
    throw new PrintError(
      `${browser.executablePath} did not print the report (${(cause as Error).message}). Try another browser by CHROME_PATH, or print the HTML from any.`,
      { cause },
    );
  }
}

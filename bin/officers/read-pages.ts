/** A page of a list of the API. */
interface Page {
  readonly next?: string;
}

/**
 * Reads a list page by page.
 *
 * @param enough whether what was read will do
 */
export async function readPages<Answer extends Page>(
  read: (next: { readonly next?: string }) => Promise<Answer>,
  enough: (pages: readonly Answer[]) => boolean = () => false,
): Promise<readonly Answer[]> {
  const pages: Answer[] = [];
  let next: string | undefined;
  do {
    const page = await read(next === undefined ? {} : { next });
    pages.push(page);
    next = page.next;
  } while (next !== undefined && !enough(pages));
  return pages;
}

import type { ListEntryView, ListVersionView } from '../../lib/api/schemas.ts';
import type { ListEntry, ListVersion, OfficerList } from '../../lib/domain/listing/list-entry.ts';
import type { Servers } from '../adapters/http-api/answer-request.ts';
import type { PageRequest } from '../adapters/list-page.ts';
import type { Masks } from '../adapters/masked-numbers.ts';
import type { OfficersPorts } from './officers-ports.ts';

type ListEndpoints =
  | 'listCaseNumbers'
  | 'listCaseNumberVersions'
  | 'listAllowedNumbers'
  | 'listAllowedNumberVersions'
  | 'listAppeals';

interface PageQuery {
  readonly limit?: string;
  readonly next?: string;
}

function entryView(
  { number, followedUp: _followedUp, until, ...entry }: ListEntry,
  masks: Masks,
): ListEntryView {
  return { ...entry, number: masks.get(number) ?? '', until: until * 1000 };
}

function versionView({ number, until, ...change }: ListVersion, masks: Masks): ListVersionView {
  return {
    ...change,
    number: masks.get(number) ?? '',
    ...(until !== undefined && { until: until * 1000 }),
  };
}

const requestOf = ({ limit, next }: PageQuery): PageRequest => ({
  ...(limit !== undefined && { limit: Number(limit) }),
  ...(next !== undefined && { next }),
});

/** Reading the lists of numbers: masked, as everywhere. */
export function listServers({
  appeals,
  lists,
  mask,
}: Pick<OfficersPorts, 'appeals' | 'lists' | 'mask'>): Servers<ListEndpoints> {
  const masksOf = (items: readonly (ListEntry | ListVersion)[]) =>
    mask(items.map(({ number }) => number));

  async function entries(list: OfficerList, query: PageQuery, now: number) {
    const { items, ...page } = await lists.entries(list, requestOf(query));
    // Time to live is slow: what has ended is on the list no more.
    const current = items.filter(({ until }) => until * 1000 > now);
    const masks = await masksOf(current);
    return { ...page, entries: current.map((entry) => entryView(entry, masks)) };
  }

  async function versions(list: OfficerList, query: PageQuery) {
    const { items, ...page } = await lists.versions(list, requestOf(query));
    const masks = await masksOf(items);
    return { ...page, versions: items.map((change) => versionView(change, masks)) };
  }

  return {
    listCaseNumbers: ({ now, query }) => entries('case-numbers', query, now),
    listCaseNumberVersions: ({ query }) => versions('case-numbers', query),
    listAllowedNumbers: ({ now, query }) => entries('allowed-numbers', query, now),
    listAllowedNumberVersions: ({ query }) => versions('allowed-numbers', query),
    async listAppeals({ query }) {
      const page = await appeals.list(requestOf(query));
      const masks = await mask(page.appeals.map(({ number }) => number));
      return {
        ...page,
        appeals: page.appeals.map((appeal) => ({
          ...appeal,
          number: masks.get(appeal.number) ?? '',
        })),
      };
    },
  };
}

import { expect, test } from 'vitest';
import { settleListing } from '../../../functions/adapters/settle-listing.ts';
import { decideFinding, type StudyFinding } from '../../../lib/domain/listing/study-finding.ts';
import { aFinding } from '../../domain/listing/a-finding.ts';
import { InMemoryListings, InMemoryStudyFindings } from '../../support/in-memory-lists.ts';

const NOW = 1_795_500_000;
const FOUND = aFinding({ until: NOW + 86_400 });

const decided = (finding: StudyFinding, decision: 'list' | 'refuse'): StudyFinding =>
  decideFinding(finding, {
    decision,
    reason: 'looked into',
    by: 'lin',
    automatic: false,
    at: NOW * 1000,
    ...(decision === 'list' && { until: FOUND.until }),
  }) ?? finding;

test('what an officer refuses while it is being listed is not listed', async () => {
  const findings = new InMemoryStudyFindings();
  const listings = new InMemoryListings();
  const ofNumber = findings.ofNumber.bind(findings);
  await findings.change(FOUND.id, () => decided(FOUND, 'list'));
  let isFirst = true;
  findings.ofNumber = async (number) => {
    const read = await ofNumber(number);
    if (isFirst) {
      isFirst = false;
      await findings.change(FOUND.id, (known = FOUND) => decided(known, 'refuse'));
      await settleListing({ findings, listings }, number, NOW);
    }
    return read;
  };

  await settleListing({ findings, listings }, FOUND.number, NOW);

  expect(listings.listings.get(FOUND.number)?.study).toBeUndefined();
});

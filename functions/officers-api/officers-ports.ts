import type { SFNClient } from '@aws-sdk/client-sfn';
import type { Officer } from '../../lib/api/officer.ts';
import type { Ticket } from '../../lib/api/schemas.ts';
import type { NumberToken } from '../../lib/domain/leg.ts';
import type { Policy } from '../../lib/domain/policy.ts';
import type { AppealStore } from '../adapters/appeals-table.ts';
import type { AuditTrail } from '../adapters/audit-table.ts';
import type { KeepCampaigns } from '../adapters/campaign-keeper.ts';
import type { CaseStore } from '../adapters/cases-table.ts';
import type { PersonRecord } from '../adapters/episodes-table.ts';
import type { ClueFindings } from '../adapters/findings-table.ts';
import type { PageRequest } from '../adapters/list-page.ts';
import type { ListingStore } from '../adapters/listings-table.ts';
import type { ListStore } from '../adapters/lists-table.ts';
import type { MaskNumbers } from '../adapters/masked-numbers.ts';
import type { RegisterStore } from '../adapters/registers-table.ts';
import type { StudyFindingStore } from '../adapters/study-findings-table.ts';
import type { TaskStore } from '../adapters/tasks-table.ts';

/** What the endpoints that need no clear number work with. */
export interface OfficersPorts {
  readonly cases: CaseStore;
  readonly tasks: TaskStore;
  /** Told how long a task stood on its queue until somebody took it for the first time. */
  readonly taskTaken: (waitedMs: number) => void;
  readonly audit: Pick<AuditTrail, 'list'>;
  readonly registers: Pick<RegisterStore, 'station'>;
  readonly stepFunctions: Pick<SFNClient, 'send'>;
  readonly appeals: Pick<AppealStore, 'list'>;
  readonly findings: StudyFindingStore;
  readonly clueFindings: (page: PageRequest) => Promise<ClueFindings>;
  readonly listings: Pick<ListingStore, 'change'>;
  readonly lists: Pick<ListStore, 'entries' | 'versions'>;
  readonly mask: MaskNumbers;
  readonly campaigns: KeepCampaigns;
  readonly readPerson: (subject: NumberToken, caseId: string) => Promise<PersonRecord>;
  readonly policy: () => Promise<Policy>;
  readonly createTicket: (officer: Officer, now: number) => Promise<Ticket>;
}

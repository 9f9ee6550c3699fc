import { ProblemError } from '../../lib/api/problem.ts';
import { addContact, contactsOf, MOST_CONTACTS } from '../../lib/domain/ladder/by-hand.ts';
import type { NumberToken } from '../../lib/domain/leg.ts';
import { maskNumbersIn } from '../../lib/domain/mask-numbers.ts';
import { caseByHand } from '../../lib/domain/subject/decide.ts';
import { type CaseStore, changeCase } from '../adapters/cases-table.ts';
import { decisionName } from '../adapters/decision-name.ts';
import type { Servers } from '../adapters/http-api/answer-request.ts';
import type { OpenByHand } from '../adapters/open-by-hand.ts';
import { sealNumber } from '../adapters/sealing.ts';
import { caseFor, requireHeld, taskFor } from '../adapters/seen-by-officer.ts';
import type { TaskStore } from '../adapters/tasks-table.ts';
import { type KeepListsPorts, listKeepers } from './keep-lists.ts';
import { clueReaders, type ReadCluesPorts } from './read-clues.ts';

/** What the endpoints that seal or unseal a number work with. */
export interface OfficerNumbersPorts extends KeepListsPorts, ReadCluesPorts {
  readonly cases: CaseStore;
  readonly tasks: Pick<TaskStore, 'read' | 'ofCase'>;
  readonly openByHand: OpenByHand;
}

/** The endpoints that handle clear numbers. None of them says a number again that it was not asked for. */
export function numberServers(
  ports: OfficerNumbersPorts,
): Servers<
  | 'revealNumber'
  | 'openCase'
  | 'addContact'
  | 'addCaseNumber'
  | 'importCaseNumbers'
  | 'readClues'
  | 'removeCaseNumber'
  | 'addAllowedNumber'
  | 'removeAllowedNumber'
  | 'decideAppeal'
> {
  const { audit, cases, normalise, sealer, tasks } = ports;

  /** @throws {ProblemError} which does not repeat it */
  async function sealedNumber(text: string): Promise<NumberToken> {
    const party = normalise(text);
    if (party?.kind !== 'subscriber') {
      throw new ProblemError('bad-request', 'That is no phone number of a person.', [
        'number: must be a number of a person, such as +8613800138000',
      ]);
    }
    return sealNumber(party, await sealer());
  }

  return {
    ...listKeepers(ports, sealedNumber),
    ...clueReaders(ports, sealedNumber),

    async revealNumber({ body, key, now, officer, parameters: { taskId } }) {
      const task = await taskFor(tasks, taskId, officer, now);
      requireHeld(task, officer, now);
      const head = await cases.read(task.caseId);
      const contacts = contactsOf(task, head);
      const place = body.contact;
      const token = place === undefined ? task.subject : contacts[place - 1];
      if (token === undefined) {
        throw new ProblemError('not-found', `The task has ${contacts.length} contacts.`);
      }
      const whose = place === undefined ? 'subject' : `contact-${place}`;
      const { caseId } = task;
      // Kept before the number is shown: a look that left no trace must not be.
      const { at, sequence: auditEntry } = await audit.append(
        {
          at: now,
          by: officer.name,
          act: 'reveal',
          caseId,
          taskId,
          whose,
          purpose: maskNumbersIn(body.purpose),
        },
        `${key}-${taskId}-${whose}`,
      );
      await cases.append(caseId, [
        {
          id: `${taskId}-revealed-${key}`,
          // Of the first look by this request: its repeat is no other one.
          at,
          kind: place === undefined ? 'revealed' : 'relative-used',
          by: officer.name,
          step: task.step,
          taskId,
          details: { whose, auditEntry },
        },
      ]);
      const relation = (head?.contacts ?? []).find(({ contact }) => contact === token)?.relation;
      return {
        number: (await sealer()).unseal(token).number,
        ...(relation !== undefined && { relation }),
        auditEntry,
      };
    },

    async openCase({ body, key, now, officer }) {
      const subject = await sealedNumber(body.number);
      const { ladder, subjects, version } = await ports.policy();
      const caseId = decisionName(`by hand|${key}`);
      const underWay = await ports.openByHand(
        caseByHand({
          id: caseId,
          subject,
          tier: body.tier,
          kind: body.kind,
          openedAt: Math.floor(now / 1000),
          openedBy: officer.name,
          policyVersion: version,
          ladder,
          utcOffsetMinutes: subjects.utcOffsetMinutes,
        }),
        now,
      );
      if (underWay !== caseId) {
        throw new ProblemError('no-change', `The person has a case under way: ${underWay}.`);
      }
      await cases.append(caseId, [
        {
          id: `${caseId}-reason`,
          at: now,
          kind: 'note',
          by: officer.name,
          details: { notes: maskNumbersIn(body.reason) },
        },
      ]);
      return { caseId };
    },

    async addContact({ body, key, now, officer, parameters }) {
      const { caseId } = await caseFor(ports, parameters.caseId, officer, now);
      const contact = await sealedNumber(body.number);
      const relation = maskNumbersIn(body.relation);
      let refusal: ProblemError | undefined;
      await changeCase(cases, caseId, (before) => {
        const added = addContact(before, { contact, relation }, { by: officer.name, key, at: now });
        const { contacts = [], state } = before;
        refusal =
          added !== undefined
            ? undefined
            : state === 'closed'
              ? new ProblemError('case-closed', 'The case is closed.')
              : contacts.length >= MOST_CONTACTS
                ? new ProblemError('no-change', `A case has at most ${MOST_CONTACTS} contacts.`)
                : new ProblemError('no-change', 'The case has this contact.');
        return added;
      });
      if (refusal !== undefined) throw refusal;
      return { done: true };
    },
  };
}

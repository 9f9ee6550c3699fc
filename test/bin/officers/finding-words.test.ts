import { expect, test } from 'vitest';
import { findingsInWords } from '../../../bin/officers/finding-words.ts';
import { localTime } from '../../../bin/terminal/spoken-time.ts';
import { aFinding } from '../../domain/listing/a-finding.ts';

const UNTIL = 1_798_000_000_000;
const { decisions: _none, evidence, ...FOUND } = aFinding({ number: '+86*******0008' });
const WAITING = { ...FOUND, until: UNTIL, evidence: [...evidence], decisions: [] };

test('a finding is told with all its evidence, what speaks for it first', () => {
  expect(findingsInWords([WAITING], 'en').split('\n')).toEqual([
    'finding-1  +86*******0008  3.4 points  slow campaign, loan',
    `  found in the study of 2026-11-23; waits until ${localTime(UNTIL)}`,
    '   +6.0  11 contacts, none of whom has to do with another',
    '   +3.3  talked long and again with 3 strangers',
    '   +1.8  longest talk with a stranger: 1900 s',
    '   −7.7  such findings are rare among all numbers',
  ]);
});

test('and with every decision, until when it is listed, in the language of the reader', () => {
  const words = findingsInWords(
    [
      {
        ...WAITING,
        status: 'listed',
        listedUntil: UNTIL,
        decisions: [
          { decision: 'refuse', by: 'lin', reason: 'a courier', automatic: false, at: 1 },
          { decision: 'list', by: 'policy 7', reason: 'enough', automatic: true, at: 2 },
        ],
      },
    ],
    'zh-CN',
  );
  expect(words).toContain('低频长线诈骗');
  expect(words).toContain(`listed until ${localTime(UNTIL)}`);
  expect(words).toMatch(/lin: refuse, a courier\n.*policy 7: list, enough$/);
});

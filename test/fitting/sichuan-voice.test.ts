import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileScorecard, type ScorecardDocument } from '../../lib/domain/scorecard.ts';
import { spanFeatures, TABLE_FEATURES } from '../../lib/domain/table-features.ts';
import { type CrossValidation, crossValidate, spreadOf } from '../../lib/fitting/cross-validate.ts';
import { evaluateScorecard } from '../../lib/fitting/evaluate-scorecard.ts';
import { DEFAULT_SETTINGS } from '../../lib/fitting/fit-scorecard.ts';
import { type LabelledTable, takeFeatures } from '../../lib/fitting/labelled-table.ts';
import { readTables } from '../../lib/fitting/read-table.ts';

const DATA = new URL('../../../shared/data/sichuan/voice_features_dev.csv', import.meta.url);
const ABSENT = 'the Sichuan table is not at ../shared/data';

const shipped = (name: string): ScorecardDocument =>
  JSON.parse(
    readFileSync(new URL(`../../lib/fitting/scorecards/${name}.json`, import.meta.url), 'utf8'),
  );

describe('the shipped scorecards of the voice table', () => {
  it.each(['sichuan-voice', 'sichuan-voice-without-span'])('%s compiles', (name) => {
    const features = TABLE_FEATURES.map(({ id }) => id);

    expect(compileScorecard(shipped(name), features).terms.length).toBeGreaterThan(10);
  });

  it('without span looks at no column of days', () => {
    const span = spanFeatures();

    const looks = shipped('sichuan-voice-without-span').terms.filter(({ feature }) =>
      span.has(feature),
    );

    expect(looks).toEqual([]);
  });
});

describe.skipIf(!existsSync(DATA))(`the voice table (skipped where ${ABSENT})`, () => {
  let table: LabelledTable;
  let full: CrossValidation;
  let lean: CrossValidation;

  beforeAll(() => {
    table = readTables([{ name: 'voice_features_dev.csv', text: readFileSync(DATA, 'utf8') }]);
    full = crossValidate(table, DEFAULT_SETTINGS, 5);
    const span = spanFeatures();
    const without = takeFeatures(table, (feature) => !span.has(feature));
    lean = crossValidate(without, DEFAULT_SETTINGS, 5);
  });

  it('is told apart on left-out rows as well as the bars ask', () => {
    expect(full.pooled.auc).toBeGreaterThanOrEqual(0.94);
    expect(full.pooled.macroF1).toBeGreaterThanOrEqual(0.895);
    expect(full.pooled.recallAt1pctFpr).toBeGreaterThanOrEqual(0.72);
    expect(spreadOf(full.folds, 'auc').mean).toBeGreaterThanOrEqual(0.94);
  });

  it('is told apart without observation span, too', () => {
    expect(lean.pooled.auc).toBeGreaterThanOrEqual(0.93);
  });

  it('is scored by the shipped scorecard, which was fitted on it', () => {
    const measures = evaluateScorecard(shipped('sichuan-voice'), table);

    expect(measures.rows).toBe(4884);
    expect(measures.auc).toBeGreaterThan(full.pooled.auc);
  });
});

import { createReadStream } from 'node:fs';
import { userInfo } from 'node:os';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import Table from 'cli-table3';
import type {
  ExplainedDecision,
  NumberHistory,
} from '../../functions/explain-number/explain-number.ts';
import { explainCallerInHistory } from '../../lib/backtest/explain-caller.ts';
import { loadDefaultPolicy } from '../../lib/domain/default-policy.ts';
import {
  callInWords,
  explainCaller,
  explainEpisode,
  featuresOfTerms,
  type ReadableSum,
} from '../../lib/domain/explain/explain-decision.ts';
import { maskNumber } from '../../lib/domain/phone-number.ts';
import type { TextLanguage } from '../../lib/domain/policy.ts';
import type { Judgement } from '../../lib/domain/profile/fold-legs.ts';
import { clientConfig, stackOutputs } from '../aws-connection.ts';
import type { ExplainOptions } from '../commands/explain.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { readPolicyFile } from '../policy/policy-file.ts';
import { safeJson } from '../terminal/plain-text.ts';
import { print } from '../terminal/print.ts';

/** The function that looks up decisions answered with an error. */
export class ExplainError extends Error {
  readonly code = 'explain-failed';
  override readonly name = 'ExplainError';
}

/** Explains what was decided about a number; returns the exit code. */
export async function explain(options: ExplainOptions): Promise<number> {
  const at = timeOf(options.at);
  return options.calls === undefined
    ? explainDeployed(options, at)
    : explainHistory(options, options.calls, at);
}

function timeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const time = Date.parse(text);
  if (!Number.isNaN(time)) return time;
  throw new UsageError('--at must be a time such as 2026-11-23T09:30:00+08:00.');
}

async function explainDeployed(options: ExplainOptions, at: number | undefined): Promise<number> {
  if (options.purpose === undefined) {
    throw new UsageError('Give --purpose: every look at a person is logged with its reason.');
  }
  const [functionName] = await stackOutputs(options, 'ExplainFunctionName');
  const { number, purpose } = options;
  const answer = await new LambdaClient(clientConfig(options)).send(
    new InvokeCommand({
      FunctionName: functionName,
      Payload: JSON.stringify({ number, purpose, by: options.by ?? userInfo().username }),
    }),
  );
  const text = Buffer.from(answer.Payload ?? []).toString('utf8');
  if (answer.FunctionError !== undefined) throw new ExplainError(text);
  const history = JSON.parse(text) as NumberHistory;
  const findings = history.findings.filter(({ finding }) => inForce(finding, at));
  const decisions = history.decisions.filter(
    ({ decision }) => at === undefined || timeOfDecision(decision) * 1000 <= at,
  );
  if (options.json) {
    print(safeJson({ ...history, findings, decisions }, 2));
    return EXIT.ok;
  }
  if (findings.length + decisions.length === 0) {
    print(`Nothing was decided about ${maskNumber(number)}${at === undefined ? '' : ' by then'}.`);
    return EXIT.rejected;
  }
  for (const judgement of findings) printJudgement(judgement, number, new Map(), options.language);
  for (const one of decisions) printDecision(one, number, options.language);
  return EXIT.ok;
}

function inForce({ at: found, until }: Judgement['finding'], at: number | undefined): boolean {
  return at === undefined || (found * 1000 <= at && at <= until * 1000);
}

function timeOfDecision(decision: ExplainedDecision['decision']): number {
  return decision.what === 'warning' ? decision.warning.decidedAt : decision.case.openedAt;
}

async function explainHistory(
  options: ExplainOptions,
  file: string,
  at: number | undefined,
): Promise<number> {
  const { number, language } = options;
  const policy =
    options.policy === undefined ? loadDefaultPolicy() : await readPolicyFile(options.policy);
  const found = await explainCallerInHistory(
    createReadStream(file),
    policy,
    number,
    options.country,
    at ?? Number.POSITIVE_INFINITY,
  );
  if (found === undefined) throw new UsageError(`${maskNumber(number)} is in no call of ${file}.`);
  if (options.json) {
    print(safeJson(found, 2));
    return EXIT.ok;
  }
  const featureOf = featuresOfTerms(policy.scoring);
  for (const judgement of found.judgements) printJudgement(judgement, number, featureOf, language);
  print(
    language === 'en'
      ? `${maskNumber(number)} after ${found.calls} calls; risky from ${found.riskyAt} points on:`
      : `${maskNumber(number)}，共${found.calls}次通话；达到${found.riskyAt}分即为可疑：`,
  );
  printSum(explainCaller(found.asOf, featureOf, language), language);
  return EXIT.ok;
}

function printJudgement(
  judgement: Judgement,
  number: string,
  featureOf: ReadonlyMap<string, string>,
  language: TextLanguage,
): void {
  const { finding, track } = judgement;
  const policy = `${track} ${finding.policyVersion}`;
  print(
    language === 'en'
      ? `${maskNumber(number)} was found risky at ${clock(finding.at)} (${finding.kind}; policy ${policy}):`
      : `${maskNumber(number)} 于 ${clock(finding.at)} 判为可疑（${finding.kind}；策略 ${policy}）：`,
  );
  printSum(explainCaller(judgement, featureOf, language), language);
  print(language === 'en' ? 'The calls behind it:' : '依据的通话：');
  for (const call of judgement.calls) {
    print(`  ${clock(call.start)}  ${call.subject.slice(1, 7)}…  ${callInWords(call, language)}`);
  }
  print('');
}

function printDecision(
  { decision, judgement }: ExplainedDecision,
  number: string,
  language: TextLanguage,
): void {
  const grounds = decision.what === 'warning' ? decision.warning : decision.case;
  const what = {
    warning: { en: 'warned', 'zh-CN': '收到预警' },
    case: { en: 'taken up as a case', 'zh-CN': '立案' },
  };
  print(
    `${maskNumber(number)} ${what[decision.what][language]} ${clock(timeOfDecision(decision))} ` +
      `(${grounds.tier}, ${grounds.kind}, ${decision.status}; ${decision.track} ${grounds.policyVersion})`,
  );
  printSum(explainEpisode(grounds, language), language);
  if (judgement !== undefined)
    printJudgement(judgement, `${judgement.caller.slice(1, 7)}…`, new Map(), language);
}

function printSum({ lines, points, probability }: ReadableSum, language: TextLanguage): void {
  const table = new Table({ style: { head: [], border: [] }, colAligns: ['left', 'right'] });
  for (const line of lines) table.push([line.words, signed(line.points)]);
  const sum = language === 'en' ? 'sum' : '合计';
  table.push([`${sum} (${(probability * 100).toFixed(1)} %)`, points.toFixed(2)]);
  print(table.toString());
}

function signed(points: number): string {
  return `${points >= 0 ? '+' : ''}${points.toFixed(2)}`;
}

function clock(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000', '');
}

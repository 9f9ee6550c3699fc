import type { SFNClient } from '@aws-sdk/client-sfn';
import { changeCase } from '../../functions/adapters/cases-table.ts';
import {
  answerTask,
  callOffTask,
  NEWS,
  type TaskResult,
} from '../../functions/adapters/report-outcome.ts';
import { tellCase } from '../../functions/adapters/tell-case.ts';
import { type OfferTaskPorts, offerTask } from '../../functions/offer-task/offer-task.ts';
import { planMove, type StepToTake } from '../../functions/plan-move/plan-move.ts';
import { settleTask } from '../../functions/settle-task/settle-task.ts';
import type { CaseProgress } from '../../lib/domain/ladder/case-news.ts';
import { InMemoryCases, InMemoryTasks } from './in-memory-ladder-stores.ts';
import type { VirtualTime } from './virtual-time.ts';

/** How calls between the parts go wrong: asked before each. */
export interface Trouble {
  /** The function's work is done, and its answer lost: Step Functions calls it again. */
  readonly losesAnswer: () => boolean;
  /** An answer for a token does not reach Step Functions. */
  readonly losesToken: () => boolean;
}

const RETRY_MS = 5_000;

/** Runs a case as the deployed definition does, on the functions themselves, in virtual time. */
export class WorkflowInMemory {
  readonly cases = new InMemoryCases();
  readonly tasks = new InMemoryTasks();
  readonly bankNotices: string[] = [];
  private readonly waiting = new Map<string, (result: TaskResult) => void>();
  private tokens = 0;
  private readonly time: VirtualTime;
  private readonly trouble: Trouble;
  private readonly relatives: OfferTaskPorts['relativesOf'];

  constructor(time: VirtualTime, trouble: Trouble, hasRelatives: boolean) {
    this.time = time;
    this.trouble = trouble;
    this.relatives = async () => (hasRelatives ? ['relative'] : []);
  }

  /** Step Functions, as far as answering tokens goes. */
  readonly client = {
    send: async ({ input }: { input: { taskToken: string; output: string } }) => {
      const resolve = this.waiting.get(input.taskToken);
      if (resolve === undefined) {
        throw Object.assign(new Error('nobody waits'), { name: 'TaskTimedOut' });
      }
      if (this.trouble.losesToken()) throw new Error('connection reset');
      this.waiting.delete(input.taskToken);
      resolve(JSON.parse(input.output) as TaskResult);
    },
  } as unknown as Pick<SFNClient, 'send'>;

  async run(caseId: string): Promise<void> {
    for (;;) {
      const plan = await this.invoke(() => planMove(caseId, this.ports, this.time.now));
      if (plan.kind === 'close') return;
      if (plan.kind === 'watch') await this.watch(caseId, plan.seconds);
      else await Promise.all(plan.steps.map((step) => this.takeStep(step)));
    }
  }

  /** Tells a case news as the stream does: until it was heard. */
  async tell(caseId: string, progress: CaseProgress): Promise<void> {
    await this.invoke(() =>
      tellCase(
        caseId,
        progress,
        { ...this.ports, tellNews: (token) => answerTask(this.client, token, NEWS) },
        this.time.now,
      ),
    );
  }

  private readonly ports = {
    cases: this.cases,
    tasks: this.tasks,
    callOff: (taskId: string) => callOffTask(this.tasks, this.client, taskId, this.time.now),
    tellBanks: async ({ caseId }: { caseId: string }) => void this.bankNotices.push(caseId),
  };

  private async takeStep(first: StepToTake): Promise<void> {
    for (let step = first; ; ) {
      const { caseId, dueSeconds, taskId } = step;
      const result = await this.waitForToken(dueSeconds, (taskToken) =>
        offerTask(
          { caseId, taskId, taskToken },
          {
            ...this.ports,
            answer: (token, answer) => answerTask(this.client, token, answer),
            relativesOf: this.relatives,
            stationOf: async () => undefined,
          },
          this.time.now,
        ),
      );
      const settled = await this.invoke(() =>
        settleTask(
          { caseId, taskId, result: { outcome: 'overdue', ...result } as never },
          this.ports,
          this.time.now,
        ),
      );
      if (!settled.step.dialAgain) return;
      step = settled.step.again as StepToTake;
    }
  }

  private async watch(caseId: string, seconds: number): Promise<void> {
    await this.waitForToken(seconds, async (newsToken) => {
      const head = await changeCase(this.cases, caseId, (before) =>
        before.state === 'watching' ? { changed: { ...before, newsToken }, events: [] } : undefined,
      );
      if (head?.state !== 'watching') await answerTask(this.client, newsToken, NEWS);
    });
  }

  /** @returns undefined when the time passed */
  private async waitForToken(
    seconds: number,
    begin: (token: string) => Promise<unknown>,
  ): Promise<TaskResult | undefined> {
    const until = this.time.now + seconds * 1000;
    for (;;) {
      const token = `token-${++this.tokens}`;
      const answered = new Promise<TaskResult | undefined>((resolve) => {
        this.waiting.set(token, resolve);
        this.time.at(until, () => {
          this.waiting.delete(token);
          resolve(undefined);
        });
      });
      try {
        await begin(token);
        if (!this.trouble.losesAnswer()) return await answered;
      } catch {
        // Retried below, like a lost answer.
      }
      // A retried task waits on a token of its own.
      this.waiting.delete(token);
      await this.pause();
    }
  }

  private async invoke<Result>(call: () => Promise<Result>): Promise<Result> {
    for (;;) {
      try {
        const result = await call();
        if (!this.trouble.losesAnswer()) return result;
      } catch {
        // Retried below, like a lost answer.
      }
      await this.pause();
    }
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => this.time.at(this.time.now + RETRY_MS, resolve));
  }
}
